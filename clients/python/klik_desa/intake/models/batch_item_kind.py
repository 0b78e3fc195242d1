from enum import StrEnum


class BatchItemKind(StrEnum):
    KONSULTASI = "konsultasi"
    PENGADUAN = "pengaduan"
    PERMINTAAN_BIMTEK = "permintaan_bimtek"
    PERMINTAAN_INFORMASI = "permintaan_informasi"

    def __str__(self) -> str:
        return str(self.value)
