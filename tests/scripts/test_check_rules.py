"""scripts/check-rules reads rule names as people write them."""
import unittest

from support import script

rules = script("check-rules")


class Names(unittest.TestCase):
    def test_single_rules_and_ranges(self):
        self.assertEqual(list(rules.named_in("F-180, R-009")), ["F-180", "R-009"])
        self.assertEqual(list(rules.named_in("F-219..F-221")), ["F-219", "F-220", "F-221"])
        self.assertEqual(list(rules.named_in("F-219..221")), ["F-219", "F-220", "F-221"])

    def test_what_only_looks_like_a_rule(self):
        self.assertEqual(list(rules.named_in("UTF-8 F-18 XF-180")), [])

    def test_ideas_and_checks_have_two_digits(self):
        self.assertEqual(list(rules.named_in("T-09 C-01..C-03 F-054")), ["T-09", "C-01", "C-02", "C-03", "F-054"])
        self.assertEqual(list(rules.named_in("T-100 AC-12 C-1")), [])
        self.assertEqual(len(rules.IDEAS), 61 + 22)

    def test_only_the_section_not_modelled_counts(self):
        page = "# Flash\nF-001\n## Not modelled\n- F-002 because\n### more\nF-003\n## Recipes\nF-004\n"
        self.assertEqual(list(rules.named_in("\n".join(rules.not_modelled_sections(page)))), ["F-002", "F-003"])

    def test_all_rules_of_the_specification_are_known(self):
        self.assertEqual(len(rules.RULES), 282 + 53)

    def test_runs_are_printed_short(self):
        self.assertEqual(rules.compact(["F-001", "F-002", "F-003", "R-001"]), "F-001..F-003 R-001")


if __name__ == "__main__":
    unittest.main()
