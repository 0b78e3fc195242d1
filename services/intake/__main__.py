"""Run the service: `python -m services.intake`."""

import sys

from services.intake.clients.key_service import KeyServiceFailed
from services.intake.main import create_service
from services.intake.settings import IntakeSettings
from shared.server import serve

if __name__ == "__main__":
    try:
        service = create_service(IntakeSettings.load())
    except KeyServiceFailed as error:
        sys.exit(f"KLIK_MASTER_KEYS: {error}")
    sys.exit(serve(service))
