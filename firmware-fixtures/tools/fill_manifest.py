#!/usr/bin/env python3
"""Write length and SHA-256 of the application into the manifest of a linked ELF file, in place.

The digest covers what flash will hold from the vectors to the last loaded byte below the PCROP area, gaps as 0xFF.
Addresses: firmware-fixtures/support/manifest.h.
"""
import hashlib
import struct
import sys

MANIFEST, VECTORS, LIMIT, MAGIC = 0x08020000, 0x08020400, 0x08040000, 0x4E414D48


def load_segments(elf):
    """(physical address, file offset, file size) of every loaded segment of a 32-bit little-endian ELF file."""
    offset, = struct.unpack_from("<I", elf, 28)
    size, count = struct.unpack_from("<HH", elf, 42)
    for i in range(count):
        kind, at, _, address, length = struct.unpack_from("<IIIII", elf, offset + i * size)
        if kind == 1 and length:
            yield address, at, length


def main(path):
    with open(path, "rb") as file:
        elf = bytearray(file.read())
    flash = bytearray(b"\xff" * (LIMIT - VECTORS))
    end = VECTORS
    manifest_at = None
    for address, at, length in load_segments(elf):
        if address <= MANIFEST < address + length:
            manifest_at = at + MANIFEST - address
        first, last = max(address, VECTORS), min(address + length, LIMIT)
        if first < last:
            flash[first - VECTORS:last - VECTORS] = elf[at + first - address:at + last - address]
            end = max(end, last)
    if manifest_at is None or struct.unpack_from("<I", elf, manifest_at)[0] != MAGIC:
        sys.exit(f"{path}: no manifest at {MANIFEST:#010x}")
    length = end - VECTORS
    struct.pack_into("<I32s", elf, manifest_at + 4, length, hashlib.sha256(flash[:length]).digest())
    with open(path, "wb") as file:
        file.write(elf)


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("usage: fill_manifest.py APPLICATION.elf")
    main(sys.argv[1])
