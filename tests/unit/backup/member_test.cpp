// SPDX-License-Identifier: Apache-2.0
#include "controlplane/backup/manifest.hpp"

#include <CppUTest/TestHarness.h>

using namespace sweepgate;
using namespace sweepgate::backup;

TEST_GROUP(MemberName){};

TEST(MemberName, StaysInItsFolder) {
    for (const auto* name :
         {"state/book.sqlite", "state/a b", "catalog/0/\xC3\xA4.toml", "a..b/..c"})
        CHECK_TRUE(is_member_name(name));
    for (const auto* name : {"", "/etc/passwd", "../x", "state/../../x", "state/./x", "state//x",
                             "state/", "state/..", "state/a\nb", "state/\x1b[2J", "state/\x7f"})
        CHECK_FALSE(is_member_name(name));
    CHECK_FALSE(is_member_name(std::string(256, 'a')));
    CHECK_FALSE(is_member_name(std::string_view("state/a\0b", 9)));
}

TEST_GROUP(ManifestOfABackup) {
    Manifest manifest{"0.1.0", Instant(std::chrono::hours(1)),   "hq", 7,
                      true,    {{"state/a", 3, Digest{1, 0xAB}}}};
};

TEST(ManifestOfABackup, SurvivesItsText) {
    const auto again = parse_manifest(to_text(manifest));
    CHECK_TRUE(again.has_value());
    CHECK_TRUE(again->files == manifest.files);
    CHECK_TRUE(again->made == manifest.made && again->host == "hq" && again->generation == 7 &&
               again->keys);
}

TEST(ManifestOfABackup, RefusesEveryEarlyEndAndAnotherFormat) {
    const auto text = to_text(manifest);
    for (std::size_t end = 0; end + 2 < text.size(); ++end)
        CHECK_FALSE(parse_manifest(text.substr(0, end)).has_value());
    auto other = text;
    other.replace(other.find("\"format\": 1"), 11, "\"format\": 2");
    STRCMP_CONTAINS("format 2", parse_manifest(other).error().what.c_str());
    CHECK_FALSE(parse_manifest("[]").has_value());
    CHECK_FALSE(parse_manifest(R"({"format": 1, "files": [{"blake2b": "zz"}]})").has_value());
}

TEST(ManifestOfABackup, NamesWhatIsMissingUnlistedOrAnother) {
    const auto& listed = manifest.files.front();
    CHECK_TRUE(check_against(manifest, {listed}).has_value());
    STRCMP_CONTAINS("state/a: is listed and missing",
                    check_against(manifest, {}).error().what.c_str());
    STRCMP_CONTAINS("state/b: is not listed",
                    check_against(manifest, {listed, {"state/b", 0, {}}}).error().what.c_str());
    STRCMP_CONTAINS("state/a: was changed",
                    check_against(manifest, {{"state/a", 3, Digest{2}}}).error().what.c_str());
}
