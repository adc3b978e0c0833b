#!/usr/bin/env python3
"""Our files against an independent program (sfi1.py), and its files against ours. H7RSS names the binary.

Exit 77 (a skipped test) with a line of text when python3-cryptography is not there; scripts/setup installs it.
"""
import hashlib
import json
import os
import pathlib
import random
import sqlite3
import struct
import subprocess
import sys
import tempfile
import unittest

try:
    import cryptography  # noqa: F401
except ImportError:
    print("not tested: python3-cryptography is not installed (scripts/setup installs it)")
    sys.exit(77)

import sfi1

H7RSS = os.environ["H7RSS"]
# RDP level 1, SECURITY = 1, no area, everything else as from the factory.
WORDS = (0x17FEBBF0, 0x800000FF, 0x800000FF, 0x800000FF, 0x800000FF, 0xFF, 0xFF, 0x1FF00800, 0x10000810)
NAMES = ("FOPTSR_PRG", "FPRAR_PRG_A", "FPRAR_PRG_B", "FSCAR_PRG_A", "FSCAR_PRG_B", "FWPSN_PRG_A", "FWPSN_PRG_B", "FBOOT7_PRG",
         "RESERVED")


class Interoperability(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.at = pathlib.Path(folder.name)
        self.random = random.Random(7)
        (self.at / "ob.csv").write_text("".join(f"{name},0x{word:08X}\n" for name, word in zip(NAMES, WORDS)))

    def h7rss(self, *words, exit=0):
        done = subprocess.run([H7RSS, *words], cwd=self.at, capture_output=True, text=True, check=False)
        self.assertEqual(done.returncode, exit, " ".join(words) + "\n" + done.stderr)
        return done.stdout if exit == 0 else done.stderr

    def read(self, name):
        return (self.at / name).read_bytes()

    def write(self, name, content):
        (self.at / name).write_bytes(content)

    def chip(self):
        """A new chip: certificate, UID, device key (docs/chip-file.md)."""
        self.h7rss("chip", "new", "a.h7")
        self.h7rss("chip", "certificate", "a.h7", "-o", "cert.bin")
        database = sqlite3.connect(self.at / "a.h7")
        uid, certificate, secret = database.execute("SELECT uid, certificate, private_key FROM identity").fetchone()
        database.close()
        self.assertEqual(bytes(certificate), self.read("cert.bin"))
        return bytes(certificate), bytes(uid), sfi1.private(bytes(secret))

    def test_annex_a(self):
        """The published vectors of SFI-1 and LIC-1, by the independent program."""
        key, nonce = bytes(range(0x10, 0x20)), bytes.fromhex("a0a1a2a3a4a5a6a7a8a9aaab")
        words = (0x1026AAD0, 0x81000200, 0x81000200, 0x81000200, 0x81000200, 0xFFFFFFFF, 0xFFFFFFFF, 0x24000800, 0x10000810)
        image = sfi1.Image([sfi1.Area("F", 0x08000000, bytes(range(64))), sfi1.option_area(words)], version=7, ram_size=0x1E000,
                           token=0x080FF000)
        file = sfi1.write_image(image, key, nonce)
        self.assertEqual(file[0x30:0x40].hex(), "5f1b00bb90841f3208224f89074fb539")
        self.assertEqual(hashlib.sha256(file).hexdigest(), "7769d9c5b7d8408461310f94daf9c948a048ac85929336862634b0303b4867f3")
        device = sfi1.private(bytes.fromhex("8277f704e91ab532e2bd5861012bd11c2c7106a7bbf47d3c93b888f82becaf18"))
        ephemeral = sfi1.private(bytes.fromhex("20166b0822ceb5ee1fb3990c68b5d442ff3cea84df6447c0ddbc992e361dc876"))
        authority = sfi1.private(bytes.fromhex("7575e303b183848c38750beba69427cc5ca26d14f51648c1482871e503de3e1c"))
        certificate = bytes.fromhex(
            "343530303230303146a91944c062a500b6440a646f26859cb01fbce1660c943281e8963bed495c80656eb03b436599155dbab9d01a40c48e0a6474f9"
            "28d99dcf476f49e6235c1eb17edb9e1097c04c9ee85af207cef09c556afaf3fb0721311b2a4912deabcd218407cb53df4d63191cddaff3041071f513"
            "dc2c878b125a811a8fadcec96e0c81ef")
        sfi1.check_certificate(certificate, authority.public_key())
        uid = bytes.fromhex("230023001051373339393936")
        made = sfi1.write_license(certificate, uid, key, nonce, ephemeral=ephemeral)
        self.assertEqual(
            made.hex(),
            "01000000000000000100000000000000000000000000000073a2203abd6ca0667aeaaaed4d19dcf928e68154375bb73785d299337e9907ea05827eba"
            "c0297459ba30f925144b27e9ae902f564e42d20cf11e27b3f1e7e3d6d289c2cc639e402329894c2081725943be3330e416cd7f93a5fd9ecba64eb4a0"
            "c457c1e7d9743eade61ce36be07a4563")
        self.assertEqual(sfi1.read_license(made, device, certificate, uid), (1, bytes(8), key, nonce))

    def test_our_image_opens_there(self):
        """Split, with hashes, from a binary of 300,000 bytes."""
        firmware = self.random.randbytes(300_000)
        self.write("app.bin", firmware)
        self.h7rss("sfi", "keygen", "--key", "key.bin")
        self.h7rss("sfi", "pack", "-fir", "app.bin", "0x08000000", "-k", "key.bin", "-ob", "ob.csv", "-v", "9", "-rs", "0x1E000",
                   "-hash", "1", "--firmware-id", "demo", "-o", "a.sfi")
        key, nonce = self.read("key.bin"), self.read("a.sfi.nonce")
        image = sfi1.read_image(self.read("a.sfi"), key, nonce)
        self.assertEqual(sfi1.check_layout(image), 3)
        self.assertEqual((image.version, image.ram_size, image.firmware_id), (9, 0x1E000, hashlib.sha256(b"demo").digest()[:8]))
        flash = b"".join(area.content for area in image.areas if area.letter == "F")
        self.assertEqual(flash, firmware)
        self.assertEqual(struct.unpack_from("<9I", image.areas[-1].content), WORDS)
        for at in (0x0C, 0x20, 0x31, 70, 90, 5000):
            changed = bytearray(self.read("a.sfi"))
            changed[at] ^= 1
            with self.assertRaises(sfi1.Wrong):
                sfi1.check_layout(sfi1.read_image(bytes(changed), key, nonce))

    def test_our_license_opens_there(self):
        certificate, uid, device = self.chip()
        self.h7rss("sfi", "keygen", "--key", "key.bin", "--nonce", "nonce.bin")
        for name, kind in (("image.lic", 1), ("module.lic", 3)):
            self.h7rss("license", "issue", "--certificate", "cert.bin", "--uid", uid.hex(), "--key", "key.bin", "--nonce", "nonce.bin",
                       "--test-ca", "-o", name, *(["--module"] if kind == 3 else []))
            self.assertEqual(sfi1.read_license(self.read(name), device, certificate, uid),
                             (kind, bytes(8), self.read("key.bin"), self.read("nonce.bin")))
            with self.assertRaises(sfi1.Wrong):
                sfi1.read_license(self.read(name), device, certificate, bytes(11) + b"\1")

    def test_its_image_opens_and_installs_here(self):
        certificate, uid, _ = self.chip()
        key, nonce = self.random.randbytes(16), self.random.randbytes(11) + b"\0"
        # A plausible vector table in front: stack pointer and reset vector.
        firmware = sfi1.padded(struct.pack("<II", 0x20010000, 0x08000009) + self.random.randbytes(5000))
        areas = [sfi1.Area("F", 0x08000000, firmware), sfi1.Area("F", 0x08100000, bytes(64))]
        image = sfi1.Image([*areas, sfi1.hash_area(areas), sfi1.option_area(WORDS)], version=3, flags=1)
        self.write("py.sfi", sfi1.write_image(image, key, nonce))
        self.write("py.lic", sfi1.write_license(certificate, uid, key, nonce))
        self.write("key.bin", key)
        self.write("nonce.bin", nonce)
        told = json.loads(self.h7rss("sfi", "verify", "py.sfi", "-k", "key.bin", "-n", "nonce.bin", "--json"))
        self.assertTrue(told["verified"])
        self.assertEqual(told["option_words"]["FOPTSR_PRG"], WORDS[0])
        told = json.loads(self.h7rss("sfi", "install", "a.h7", "py.sfi", "py.lic", "--json"))
        self.assertTrue(told["installed"])
        shown = json.loads(self.h7rss("chip", "show", "a.h7", "--json"))
        self.assertEqual(shown["bank1"]["programmed"], len(firmware) // 32 + (len(firmware) % 32 != 0))
        changed = bytearray(self.read("py.sfi"))
        changed[-1] ^= 1
        self.write("bad.sfi", bytes(changed))
        self.assertIn("E_AREA_TAG", self.h7rss("sfi", "verify", "bad.sfi", "-k", "key.bin", "-n", "nonce.bin", exit=2))

    def test_its_split_image_opens_here(self):
        key, nonce = self.random.randbytes(16), self.random.randbytes(11) + b"\0"
        one, two = (sfi1.Area("F", 0x08000000 + i * 0x2000, self.random.randbytes(0x2000)) for i in range(2))
        token = 0x081E0000
        image = sfi1.Image([one, sfi1.Area("P", token), sfi1.Area("R", token), two, sfi1.option_area(WORDS)], ram_size=0x3000,
                           token=token)
        self.assertEqual(sfi1.check_layout(image), 2)
        self.write("py.sfi", sfi1.write_image(image, key, nonce))
        self.write("key.bin", key)
        self.write("nonce.bin", nonce)
        self.assertEqual(json.loads(self.h7rss("sfi", "verify", "py.sfi", "-k", "key.bin", "-n", "nonce.bin", "--json"))["parts"], 2)

    def test_modules_both_ways(self):
        self.h7rss("sfi", "keygen", "--key", "key.bin", "--nonce", "nonce.bin")
        key, nonce, code = self.read("key.bin"), self.read("nonce.bin"), self.random.randbytes(1000)
        self.write("module.bin", code)
        self.h7rss("smi", "pack", "module.bin@0x08040000", "-k", "key.bin", "-n", "nonce.bin", "--security-version", "1.2.3.4", "-o",
                   "ours.smi")
        self.assertEqual(sfi1.read_module(self.read("ours.smi"), key, nonce), (0x08040000, sfi1.padded(code), (1, 2, 3, 4)))
        self.write("py.smi", sfi1.write_module(0x08040000, code, key, nonce, (1, 2, 3, 4)))
        self.assertEqual(self.read("py.smi"), self.read("ours.smi"))
        self.h7rss("smi", "verify", "py.smi", "-k", "key.bin", "-n", "nonce.bin")
        # Inside an image: our packer takes its file, it opens both shells.
        self.h7rss("sfi", "keygen", "--key", "outer.bin")
        words = list(WORDS)
        words[1] = 0x84030400
        (self.at / "ob.csv").write_text("".join(f"{name},0x{word:08X}\n" for name, word in zip(NAMES, words)))
        self.h7rss("sfi", "pack", "--module", "py.smi", "-k", "outer.bin", "-ob", "ob.csv", "-o", "a.sfi")
        image = sfi1.read_image(self.read("a.sfi"), self.read("outer.bin"), self.read("a.sfi.nonce"))
        sfi1.check_layout(image)
        self.assertEqual((image.areas[0].letter, image.areas[0].version, image.areas[0].address), ("M", 2, 0x08040000))
        self.assertEqual(sfi1.read_module(image.areas[0].content, key, nonce)[1], sfi1.padded(code))


if __name__ == "__main__":
    unittest.main(verbosity=1)
