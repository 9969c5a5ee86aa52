"""A figure's trace as W3C PROV: what was made of what, by which activity, for whom.

Belongs here: saying in PROV's words what a trace already knows. Nothing is found out here, and no row appears:
a trace without its sample and history holds names, counts and digests only.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from prov.model import ProvDocument

NAMESPACE = "urn:tiemchung:"
_IMPORT, _BUILD = "tc:activity/import", "tc:activity/transformation"
_EXCHANGE = "tc:activity/exchange"
_VENDOR, _SOFTWARE, _REGISTER = "tc:agent/vendor", "tc:agent/software", "tc:agent/register"
LEDGER = "verification"
"""The schema in which sources are what the exchange with the register left behind."""


def document_of(trace: Mapping[str, Any]) -> ProvDocument:
    """The PROV document of one trace, given as ``Trace.as_json`` tells it.

    Entities are the figure, its relations, deliveries with their dumps and letters, and the letter's figure; activities
    the import, the exchange with the register, the transformation and a gate for each relation that has one; agents
    the vendor, the register and this software. Times are left out, for a trace holds none, and officers, who are
    persons.
    """
    document = ProvDocument()
    document.add_namespace("tc", NAMESPACE)
    document.agent(_VENDOR, {"prov:type": "prov:Organization"})
    document.agent(_SOFTWARE, {"prov:type": "prov:SoftwareAgent"})
    document.activity(_BUILD, other_attributes={"prov:label": "dbt build"})
    document.wasAssociatedWith(_BUILD, _SOFTWARE)
    _relations(document, trace["lineage"]["relations"])
    _deliveries(document, trace)
    _exchange(document, trace["lineage"]["relations"])
    _gates(document, trace["gates"])
    _figure(document, trace)
    return document


def as_prov_json(document: ProvDocument) -> str:
    """The document as PROV-JSON text, with a line end."""
    return str(document.serialize(format="json", indent=2, ensure_ascii=False)) + "\n"


def _relation(name: str) -> str:
    return f"tc:relation/{name}"


def _relations(document: ProvDocument, relations: list[Mapping[str, Any]]) -> None:
    known = {relation["relation"] for relation in relations}
    for relation in relations:
        attributes = {"prov:type": "tc:relation", "tc:kind": relation["kind"]}
        document.entity(_relation(relation["relation"]), attributes)
        if relation["reads"]:
            document.wasGeneratedBy(_relation(relation["relation"]), _BUILD)
        else:
            document.used(_BUILD, _relation(relation["relation"]))
        for read in relation["reads"]:
            if read not in known:
                document.entity(_relation(read), {"prov:type": "tc:relation"})
                known.add(read)
            document.wasDerivedFrom(_relation(relation["relation"]), _relation(read))


def _deliveries(document: ProvDocument, trace: Mapping[str, Any]) -> None:
    """The bags, and the raw relations the import made of them."""
    if not trace["deliveries"]:
        return
    document.activity(_IMPORT, other_attributes={"prov:label": "import"})
    document.wasAssociatedWith(_IMPORT, _SOFTWARE)
    given = [each for each in trace["lineage"]["origins"] if each["vendor"]]
    raw = sorted({(each["relation"], each["vendor"]["component"]) for each in given})
    for name in sorted({name for name, _ in raw}):
        document.wasGeneratedBy(_relation(name), _IMPORT)
    for delivery in trace["deliveries"]:
        bag = f"tc:bag/{delivery['id']}"
        attributes: dict[str, Any] = {"prov:type": "tc:bag", "tc:rows": delivery["rows"]}
        if delivery["bag_sha256"]:
            attributes["tc:sha256"] = delivery["bag_sha256"]
        document.entity(bag, attributes)
        document.wasAttributedTo(bag, _VENDOR)
        _letters(document, bag, delivery.get("letter"))
        for component in sorted({component for _, component in raw}):
            dump = f"tc:dump/{delivery['id']}/{component}"
            document.entity(dump, {"prov:type": "tc:dump", "tc:component": component})
            document.wasDerivedFrom(dump, bag)
            document.used(_IMPORT, dump)
        for name, component in raw:
            document.wasDerivedFrom(_relation(name), f"tc:dump/{delivery['id']}/{component}")


def _letters(document: ProvDocument, bag: str, told: Mapping[str, Any] | None) -> None:
    """The letter that came with a bag and those that asked for what it holds: it came about by them."""
    if told is None:
        return
    if brought := told["brought_by"]:
        _influence(document, bag, brought, "tc:brought")
    for asking in told["asked_by"]:
        _influence(document, bag, asking, "tc:asked_for")


def _influence(document: ProvDocument, bag: str, letter: Mapping[str, Any], how: str) -> None:
    entity = f"tc:correspondence/{quote(letter['number'])}"
    told = {"tc:number": letter["number"], "tc:sent_on": letter["sent_on"]}
    document.entity(entity, {"prov:type": "tc:correspondence"} | told)
    document.wasInfluencedBy(bag, entity, other_attributes={"prov:type": how})


def _exchange(document: ProvDocument, relations: list[Mapping[str, Any]]) -> None:
    """What was sent to the register and what it answered, where the figure stands on it."""
    kept = [each for each in relations if each["schema"] == LEDGER and each["kind"] == "source"]
    if not kept:
        return
    document.agent(_REGISTER, {"prov:type": "prov:Organization"})
    document.activity(_EXCHANGE, other_attributes={"prov:label": "exchange with the population register"})
    document.wasAssociatedWith(_EXCHANGE, _SOFTWARE)
    document.wasAssociatedWith(_EXCHANGE, _REGISTER)
    for each in kept:
        document.wasGeneratedBy(_relation(each["relation"]), _EXCHANGE)


def _gates(document: ProvDocument, gates: list[Mapping[str, Any]]) -> None:
    """A gate judged each relation on the way that has one; how many of its rules came to what."""
    for name in sorted({gate["relation"] for gate in gates}):
        states = Counter(gate["state"] for gate in gates if gate["relation"] == name)
        activity = f"tc:activity/gate/{name}"
        told: dict[str, Any] = {f"tc:{state}": count for state, count in sorted(states.items())}
        document.activity(activity, other_attributes={"prov:label": f"gate of {name}"} | told)
        document.used(activity, _relation(name))
        document.wasAssociatedWith(activity, _SOFTWARE)


def _figure(document: ProvDocument, trace: Mapping[str, Any]) -> None:
    """The figure, and the letter's word on the same number: an alternate, as neither derives from the other."""
    figure, rows, definition = f"tc:figure/{trace['figure']}", trace["rows"], trace["definition"]
    attributes = {
        "prov:type": "tc:figure",
        "prov:label": definition["en"],
        "tc:subjects": rows["count"],
        "tc:doses": rows["doses"],
        "tc:row_digest": rows["digest"],
    }
    document.entity(figure, attributes)
    document.wasGeneratedBy(figure, _BUILD)
    document.wasDerivedFrom(figure, _relation(definition["relation"]))
    if letter := trace["letter"]:
        printed = f"tc:letter/{letter['key']}"
        document.entity(printed, {"prov:type": "tc:letter", "tc:paragraph": str(letter["paragraph"])})
        document.alternateOf(figure, printed)
