"""Import circles: modules that can only be understood together."""

from __future__ import annotations

import grimp


def circles(graph: grimp.ImportGraph) -> list[tuple[str, ...]]:
    """The shortest circle through each import, told once, from its smallest name on; none that holds another one."""
    found: set[tuple[str, ...]] = set()
    for importer in graph.modules:
        for imported in graph.find_modules_directly_imported_by(importer):
            chain = graph.find_shortest_chain(importer=imported, imported=importer)
            if chain:
                start = chain.index(min(chain))
                found.add((*chain[start:], *chain[:start]))
    kept: list[tuple[str, ...]] = []
    for circle in sorted(found, key=lambda circle: (len(circle), circle)):
        if not any(set(smaller) <= set(circle) for smaller in kept):
            kept.append(circle)
    return kept
