{#-
    dbt's `unique` for whole numbers, a tenth as long: 64 neighbouring numbers share one word of bits, one bit each, and only where a
    word has fewer bits than it had rows are rows grouped by the number itself.
-#}
{% test unique_number(model, column_name) %}
    with
        crowded as (
            select {{ column_name }} >> 6 as word
            from {{ model }}
            where {{ column_name }} is not null
            group by word
            having count(*) <> {{ bits_set(column_name) }}
        )

    select {{ column_name }}, count(*) as row_count
    from {{ model }}
    where {{ column_name }} >> 6 in (select word from crowded)
    group by {{ column_name }}
    having count(*) > 1
{% endtest %}
