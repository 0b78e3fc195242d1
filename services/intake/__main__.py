"""Run the service: `python -m services.intake`."""

import sys

from services.intake.main import create_service
from services.intake.settings import IntakeSettings
from shared.server import serve

if __name__ == "__main__":
    sys.exit(serve(create_service(IntakeSettings.load())))
