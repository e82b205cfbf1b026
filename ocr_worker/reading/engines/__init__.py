"""OCR engines behind one port."""

from ocr_worker.errors import EngineUnavailable
from ocr_worker.reading.engines.port import Engine

__all__ = ["Engine", "create_engine"]


def create_engine(name: str) -> Engine:
    from ocr_worker.reading.engines.rapid import RapidEngine

    if name in ("auto", "rapidocr"):
        return RapidEngine()
    raise EngineUnavailable(f"unknown engine {name}")
