from enum import StrEnum


class RequesterRole(StrEnum):
    BPD = "bpd"
    BUMDES = "bumdes"
    KARANG_TARUNA = "karang_taruna"
    KASI_KESEJAHTERAAN = "kasi_kesejahteraan"
    KASI_PELAYANAN = "kasi_pelayanan"
    KASI_PEMERINTAHAN = "kasi_pemerintahan"
    KAUR_KEUANGAN = "kaur_keuangan"
    KAUR_PERENCANAAN = "kaur_perencanaan"
    KAUR_TU_UMUM = "kaur_tu_umum"
    KEPALA_DESA = "kepala_desa"
    KEPALA_DUSUN = "kepala_dusun"
    LAINNYA = "lainnya"
    LEMBAGA_ADAT = "lembaga_adat"
    LPM = "lpm"
    OPERATOR_DESA = "operator_desa"
    PENDAMPING_DESA = "pendamping_desa"
    PERANGKAT_KELURAHAN = "perangkat_kelurahan"
    PJ_KEPALA_DESA = "pj_kepala_desa"
    PKK = "pkk"
    POSYANDU = "posyandu"
    RT = "rt"
    RW = "rw"
    SEKRETARIS_DESA = "sekretaris_desa"

    def __str__(self) -> str:
        return str(self.value)
