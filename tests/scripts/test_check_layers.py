"""scripts/check-layers sees each kind of wrong arrow, and lets the right ones pass."""
import unittest

from support import script

layers = script("check-layers")


class Arrows(unittest.TestCase):
    def said(self, path, header, quoted=True, linked=None):
        return layers.complaint(path, quoted, header, linked or {})

    def test_an_include_downwards_passes(self):
        self.assertIsNone(self.said("peripherals/rcc/rcc.cpp", "emulator/fabric/access.hpp"))
        self.assertIsNone(self.said("emulator/chip/chip.cpp", "peripherals/flash/image.hpp"))

    def test_an_include_inside_a_room_passes(self):
        self.assertIsNone(self.said("emulator/fabric/clock.cpp", "emulator/fabric/clock.hpp"))

    def test_an_include_upwards_is_named(self):
        self.assertIn("upward", self.said("emulator/base/bits.hpp", "emulator/fabric/access.hpp"))
        self.assertIn("upward", self.said("peripherals/flash/bank.cpp", "rss/install/machine.hpp"))

    def test_blocks_do_not_include_each_other(self):
        self.assertIn("sideways", self.said("peripherals/rcc/rcc.cpp", "peripherals/flash/image.hpp"))
        self.assertIn("sideways", self.said("emulator/cpu/nvic.cpp", "peripherals/flash/image.hpp"))

    def test_cryptography_and_parsers_see_only_base(self):
        self.assertIn("may include only", self.said("rss/image/sfi.cpp", "emulator/fabric/access.hpp"))

    def test_library_headers_have_one_place(self):
        self.assertIsNotNone(self.said("emulator/chip/chip.cpp", "unicorn/unicorn.h", quoted=False))
        self.assertIsNone(self.said("emulator/cpu/unicorn/engine.cpp", "unicorn/unicorn.h", quoted=False))
        self.assertIsNotNone(self.said("rss/host/license.cpp", "openssl/evp.h", quoted=False))
        self.assertIsNone(self.said("rss/crypto/openssl_sha256.cpp", "openssl/evp.h", quoted=False))

    def test_a_path_that_leads_nowhere_is_named(self):
        self.assertIn("no path", self.said("emulator/chip/chip.cpp", "emulator/base/no_such_file.hpp"))

    def test_an_include_without_a_link_is_named(self):
        linked = {"emulator/chip": {"emulator/base"}, "emulator/fabric": set()}
        self.assertIn("does not depend", self.said("emulator/chip/chip.cpp", "emulator/fabric/access.hpp", linked=linked))

    def test_the_cmake_targets_are_read(self):
        linked = layers.cmake_dependencies()
        self.assertIn("emulator/base", linked["emulator/fabric"])
        self.assertIn("emulator/fabric", linked["peripherals/flash"])
        self.assertNotIn("peripherals/flash", linked["emulator/cpu"])


if __name__ == "__main__":
    unittest.main()
