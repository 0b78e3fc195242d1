"""Pydantic's messages in Indonesian, by the type of error; the English ones are pydantic's own.

Only the types that models here can raise (`tests/unit/shared/web/test_translations.py` tells
which); any other gets a text that fits every fault, so that nobody reads English under an
Indonesian title.
"""

from collections.abc import Mapping
from typing import Any

_ANY = "Isian ini tidak sesuai."
_INDONESIAN: Mapping[str, str] = {
    "missing": "Wajib diisi.",
    "extra_forbidden": "Isian ini tidak dikenal; periksa ejaannya atau hapus.",
    "invalid_key": "Nama isian harus berupa teks.",
    "model_type": "Harus berupa objek JSON.",
    "model_attributes_type": "Harus berupa objek JSON.",
    "dict_type": "Harus berupa objek JSON.",
    "mapping_type": "Harus berupa objek JSON.",
    "list_type": "Harus berupa daftar.",
    "tuple_type": "Harus berupa daftar.",
    "iterable_type": "Harus berupa daftar.",
    "none_required": "Harus kosong (null).",
    "greater_than": "Harus lebih dari {gt}.",
    "greater_than_equal": "Paling kecil {ge}.",
    "less_than": "Harus kurang dari {lt}.",
    "less_than_equal": "Paling besar {le}.",
    "finite_number": "Harus berupa bilangan yang berhingga.",
    "too_short": "Paling sedikit {min_length} butir, yang dikirim {actual_length}.",
    "too_long": "Paling banyak {max_length} butir.",
    "string_type": "Harus berupa teks.",
    "string_unicode": "Harus berupa teks Unicode yang sah.",
    "string_too_short": "Paling sedikit {min_length} karakter.",
    "string_too_long": "Paling banyak {max_length} karakter.",
    "string_pattern_mismatch": "Bentuknya harus sesuai dengan pola '{pattern}'.",
    "enum": "Harus salah satu dari {expected}.",
    "literal_error": "Harus salah satu dari {expected}.",
    "bool_type": "Harus true atau false.",
    "bool_parsing": "Harus true atau false.",
    "int_type": "Harus berupa bilangan bulat.",
    "int_parsing": "Harus berupa bilangan bulat.",
    "int_parsing_size": "Bilangan ini terlalu besar.",
    "int_from_float": "Harus berupa bilangan bulat, tanpa pecahan.",
    "float_type": "Harus berupa bilangan.",
    "float_parsing": "Harus berupa bilangan.",
    "date_type": "Harus berupa tanggal, misalnya 2026-11-24.",
    "date_parsing": "Harus berupa tanggal, misalnya 2026-11-24.",
    "date_from_datetime_parsing": "Harus berupa tanggal, misalnya 2026-11-24.",
    "date_from_datetime_inexact": "Harus berupa tanggal tanpa jam, misalnya 2026-11-24.",
    "datetime_type": "Harus berupa waktu, misalnya 2026-11-24T09:30:00+08:00.",
    "datetime_parsing": "Harus berupa waktu, misalnya 2026-11-24T09:30:00+08:00.",
    "datetime_object_invalid": "Harus berupa waktu, misalnya 2026-11-24T09:30:00+08:00.",
    "datetime_from_date_parsing": "Harus berupa waktu, misalnya 2026-11-24T09:30:00+08:00.",
    "timezone_aware": "Harus disertai zona waktu, misalnya +08:00.",
    "uuid_type": "Harus berupa UUID.",
    "uuid_parsing": "Harus berupa UUID, misalnya 019aa000-0000-7000-8000-000000000001.",
    "json_invalid": "Isi permintaan bukan JSON yang sah.",
    "json_type": "Isi permintaan harus berupa JSON.",
    "recursion_loop": "Isian ini terlalu bertingkat.",
    "recursion_depth_exceeded": "Isian ini terlalu bertingkat.",
    "value_error": _ANY,
    "assertion_error": _ANY,
}


def is_translated(type_: str) -> bool:
    return type_ in _INDONESIAN


def indonesian(type_: str, context: Mapping[str, Any]) -> str:
    """The message of an error of pydantic's, from its type and what it knows of the fault."""
    said = dict(context)
    if "expected" in said:  # as pydantic lists them: 'a', 'b' or 'c'
        said["expected"] = str(said["expected"]).replace("' or '", "' atau '")
    try:
        return _INDONESIAN.get(type_, _ANY).format_map(said)
    except (KeyError, IndexError, ValueError):
        return _ANY
