"""The other side of notify's channels, as real servers on 127.0.0.1 as strict as the real."""
