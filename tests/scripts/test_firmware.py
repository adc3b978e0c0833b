"""The linked firmware is what the story needs. H7RSS_FIXTURES_DIR says where it is."""
import hashlib
import os
import pathlib
import struct
import unittest

FIXTURES = pathlib.Path(os.environ["H7RSS_FIXTURES_DIR"])


IN_RAM = {  # the replays erase all flash; hello_ram_m4 is copied to SRAM1 by the other core
    "hal_flash_replay_m7", "hal_flash_replay_m4", "hal_flash_interrupts_m7", "hal_flash_interrupts_m4",
    "hal_flash_limits_m7", "hal_flash_limits_m4", "hello_ram_m4", "hammers_staging_m4"}
BEHIND_A_MANIFEST = {"application", "service_calls_application"}


def segments(name):
    """(physical address, bytes) of every loaded piece with contents."""
    elf = (FIXTURES / f"{name}.elf").read_bytes()
    offset, = struct.unpack_from("<I", elf, 28)
    size, count = struct.unpack_from("<HH", elf, 42)
    for i in range(count):
        kind, at, _, address, length = struct.unpack_from("<IIIII", elf, offset + i * size)
        if kind == 1 and length:
            yield address, elf[at:at + length]


USER_FLASH = range(0x08000000, 0x08200000)
ITCM = range(0x00000000, 0x00010000)
RAMS = (range(0x20000000, 0x20020000), range(0x10000000, 0x10048000), range(0x24000000, 0x24080000))


def programs():
    return sorted(path.stem for path in FIXTURES.glob("*.elf"))


class EveryProgram(unittest.TestCase):
    def test_there_are_programs(self):
        self.assertGreater(len(programs()), 25)

    def test_pieces_do_not_share_a_flash_word(self):  # F-030, F-053
        for name in programs():
            words = set()
            for address, data in segments(name):
                self.assertEqual(address % 32, 0, f"{name}: a piece starts inside a flash word")
                piece = set(range(address // 32, (address + len(data) + 31) // 32))
                self.assertFalse(words & piece, f"{name}: two pieces share a flash word")
                words |= piece

    def test_pieces_lie_in_user_flash(self):
        for name in programs():
            places = (USER_FLASH, ITCM, *RAMS) if name in IN_RAM or name.startswith("bench_") else (USER_FLASH,)
            for address, data in segments(name):
                self.assertTrue(any(address in place and address + len(data) - 1 in place for place in places), name)

    def test_the_vectors_make_sense(self):
        for name in set(programs()) - {"lockup_blank"}:
            for address, data in segments(name):
                if address % 0x400 == 0 and len(data) >= 0x298:
                    stack, reset = struct.unpack_from("<II", data, 0x400 if name in BEHIND_A_MANIFEST else 0)
                    if name in IN_RAM or name.startswith("bench_"):  # the stack in any RAM
                        self.assertTrue(any(stack - 4 in ram for ram in RAMS), name)
                    else:
                        self.assertIn(stack, (0x20020000, 0x10020000), name)
                    self.assertEqual(reset & 1, 1, f"{name}: the reset vector is Thumb")


class TheStory(unittest.TestCase):
    def test_the_manifest_holds_length_and_digest(self):
        data = dict(segments("application"))[0x08020000]
        magic, length, digest = struct.unpack_from("<II32s", data)
        self.assertEqual(magic, 0x4E414D48)
        self.assertEqual(length, len(data) - 0x400)
        self.assertEqual(digest, hashlib.sha256(data[0x400:]).digest())

    def test_the_landing_stands_right_behind_the_pcrop_area(self):  # D-34
        data = dict(segments("application"))[0x08040000]
        self.assertEqual(data[512:514], b"\x70\x47")  # bx lr

    def test_the_secure_bootloader_fits_its_area(self):
        for address, data in segments("secure_boot"):
            self.assertLessEqual(address + len(data), 0x08008000)

    def test_the_option_bytes_cover_the_pieces(self):
        table = pathlib.Path(__file__).resolve().parents[2] / "firmware-fixtures/option-bytes/story.csv"
        rows = dict(line.split(",") for line in table.read_text().split())
        scar, prar = int(rows["FSCAR_PRG_A"], 16), int(rows["FPRAR_PRG_A"], 16)
        self.assertEqual((scar & 0xFFF) * 256, 0)
        self.assertEqual(((scar >> 16 & 0xFFF) + 1) * 256, 0x8000)
        self.assertEqual(0x08000000 + (prar & 0xFFF) * 256, 0x08040000)
        self.assertEqual(0x08000000 + ((prar >> 16 & 0xFFF) + 1) * 256, 0x08040200)


if __name__ == "__main__":
    unittest.main()
