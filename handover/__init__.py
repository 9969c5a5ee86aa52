"""What the vendor gives: bags, vault, dumps, inventories, contract and completeness, in plain Python."""
