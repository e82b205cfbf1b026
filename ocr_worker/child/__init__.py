"""The process that holds the OCR engine, and the handle with which another process drives it.

One picture cannot hurt the next: what crashes, hangs or eats memory costs a child process only. Importing this
package loads no OCR library; the child does, when it runs (``python -m ocr_worker.child``).
"""

from ocr_worker.child.errors import (
    PictureRefused,
    ReaderUnavailable,
    ReadingCrashed,
    ReadingFailed,
    ReadingFaulted,
    ReadingOutOfMemory,
    ReadingTimedOut,
    RefusalCode,
)
from ocr_worker.child.handle import ReaderProcess
from ocr_worker.child.limits import ChildLimits
from ocr_worker.child.replies import ReaderFacts, Reading
from ocr_worker.child.starting import reader_command

__all__ = [
    "ChildLimits",
    "PictureRefused",
    "ReaderFacts",
    "ReaderProcess",
    "ReaderUnavailable",
    "Reading",
    "ReadingCrashed",
    "ReadingFailed",
    "ReadingFaulted",
    "ReadingOutOfMemory",
    "ReadingTimedOut",
    "RefusalCode",
    "reader_command",
]
