"""Reference data: regions, topics, roles, SDGs, kinds, channels and the seeded satgas roster.

What exists is decided by the CSV files in this folder (SOURCES.md says where each comes from);
this package reads them once and answers by code. All services share it, so that a code means the
same everywhere. It knows nothing of HTTP, messages or storage.
"""

from shared.reference.labels import (
    LABEL_LISTS,
    Label,
    LabelList,
    detail_label,
    label,
    labels,
    satgas_label,
)
from shared.reference.registers import (
    Region,
    RegionType,
    RetiredTopic,
    Topic,
    UnknownReason,
    UnknownRegion,
    is_kecamatan,
    kecamatan_of,
    region,
    region_aliases,
    regions,
    resolve_desa,
    resolve_topic,
    topic_aliases,
    topics,
)
from shared.reference.tables import (
    COMPLAINT,
    DPMD,
    KABUPATEN,
    REFERENCE_VERSION,
    Channel,
    Kind,
    MalformedReference,
    Role,
    SdgsGoal,
    SeedOfficer,
    channels,
    kinds,
    roles,
    sdgs,
    seed_officers,
)

__all__ = [
    "COMPLAINT",
    "DPMD",
    "KABUPATEN",
    "LABEL_LISTS",
    "REFERENCE_VERSION",
    "Channel",
    "Kind",
    "Label",
    "LabelList",
    "MalformedReference",
    "Region",
    "RegionType",
    "RetiredTopic",
    "Role",
    "SdgsGoal",
    "SeedOfficer",
    "Topic",
    "UnknownReason",
    "UnknownRegion",
    "channels",
    "detail_label",
    "is_kecamatan",
    "kecamatan_of",
    "kinds",
    "label",
    "labels",
    "region",
    "region_aliases",
    "regions",
    "resolve_desa",
    "resolve_topic",
    "roles",
    "satgas_label",
    "sdgs",
    "seed_officers",
    "topic_aliases",
    "topics",
]

# A bad file must stop the process at its start, not the first request that needs the table.
for _table in (regions, region_aliases, topics, roles, sdgs, kinds, channels, seed_officers):
    _table()
for _list in LABEL_LISTS:
    labels(_list)
