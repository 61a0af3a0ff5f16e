// SPDX-License-Identifier: Apache-2.0
// A whole controller into a file and back, and backups that are refused before anything is touched.
#include <sys/stat.h>

#include <algorithm>

#include "controlplane/controller/restored.hpp"
#include "controlplane/wire/store.hpp"
#include "tests/unit/backup/fixture.hpp"

#include <CppUTest/TestHarness.h>

using namespace sweepgate;
using namespace sweepgate::backup;

namespace {

const std::string kWords = "correct horse battery";
Result<std::string> right() { return kWords; }

} // namespace

TEST_GROUP(RestoreOfABackup) {
    test::Site site;

    mode_t mode(const std::string& name) const {
        struct stat status {};
        return ::stat((site.folder / name).c_str(), &status) == 0 ? status.st_mode & 07777U : 0;
    }
    /// Files of an archive as somebody else makes it; the manifest fits.
    void forge(const std::map<std::string, std::string>& files) const {
        auto envelope = EnvelopeWriter::create(site.folder / "backup", std::nullopt, true);
        auto archive = ArchiveWriter::open(*envelope);
        Manifest manifest;
        for (const auto& [name, text] : files)
            manifest.files.push_back(archive->add(name, text).value());
        CHECK_TRUE(archive->add("manifest.json", to_text(manifest)).has_value());
        CHECK_TRUE(archive->finish() && envelope->finish());
    }
    std::string toml() const { return site.folder.read("site/etc/sweepgated.toml"); }
};

TEST(RestoreOfABackup, WithKeysBringsBackALostMachine) {
    const auto before = site.folder.all();
    const auto made = site.backup(kWords);
    CHECK_TRUE(made.has_value());
    LONGS_EQUAL(7, made->manifest.generation);
    LONGS_EQUAL(0, made->keys_left_out.size());
    site.lose();
    STRCMP_EQUAL("", site.restore(right).c_str());
    for (const auto& [name, text] : before)
        if (name.find("book.sqlite") == std::string::npos)
            STRCMP_EQUAL(text.c_str(), site.folder.read(name).c_str());
    LONGS_EQUAL(7,
                Book::open(site.folder / "site/state/book.sqlite", {})->latest().value()->number);
    const auto mark = controller::load_restored(site.folder / "site/state").value();
    CHECK_TRUE(mark.has_value() && mark->newest == 7 && mark->made == made->manifest.made);
    LONGS_EQUAL(0700, mode("site/state"));
    LONGS_EQUAL(0600, mode("site/state/book.sqlite"));
    LONGS_EQUAL(0600, mode("site/keys/signing.key"));
    LONGS_EQUAL(0644, mode("site/keys/signing.key.pub"));
    LONGS_EQUAL(0644, mode("site/etc/policy.toml"));
}

TEST(RestoreOfABackup, WithoutKeysHoldsNoneAndKeepsThoseThatAreThere) {
    const auto made = site.backup();
    LONGS_EQUAL(2, made->keys_left_out.size());
    CHECK_TRUE(site.folder.read("backup").find("SECRET") == std::string::npos);
    site.folder.write("site/keys/signing.key", "another\n");
    const auto verified = Verified::open(site.folder / "backup", site.config(), test::nobody_asks);
    LONGS_EQUAL(2, verified->keys_not_in_it().size());
    STRCMP_EQUAL("", site.restore().c_str());
    STRCMP_EQUAL("another\n", site.folder.read("site/keys/signing.key").c_str());
    site.lose();
    STRCMP_EQUAL("", site.restore().c_str());
    STRCMP_EQUAL("a list of signing keys\n", site.folder.read("site/keys/trust").c_str());
    CHECK_FALSE(site.folder.has("site/keys/signing.key.next"));
}

TEST(RestoreOfABackup, SetsAsideWhatIsThere) {
    CHECK_TRUE(site.backup().has_value());
    site.folder.write("site/state/policies/000002.toml", "# newer\n");
    site.folder.write("site/etc/policy.toml", "# newer\n");
    auto verified = Verified::open(site.folder / "backup", site.config(), test::nobody_asks);
    const auto done = verified->restore();
    CHECK_TRUE(done.has_value());
    CHECK_FALSE(site.folder.has("site/state/policies/000002.toml"));
    STRCMP_EQUAL("# mine\n", site.folder.read("site/etc/policy.toml").c_str());
    LONGS_EQUAL(7, done->put_aside.size()); // two files, catalog.d, lists, two of keys, state
    int newer = 0;
    for (const auto& [name, text] : site.folder.all())
        newer += name.find(".before-") != std::string::npos && text == "# newer\n" ? 1 : 0;
    LONGS_EQUAL(2, newer);
}

TEST(RestoreOfABackup, RefusedWhileAControllerHoldsTheStateFolder) {
    CHECK_TRUE(site.backup().has_value());
    const auto held = wire::StateFolder::open(site.folder / "site/state");
    const auto before = site.folder.all();
    STRCMP_CONTAINS("stop sweepgated first", site.restore().c_str());
    CHECK_TRUE(before == site.folder.all());
}

TEST(RestoreOfABackup, TouchesNothingWhenOnePlaceCannotBeTaken) {
    CHECK_TRUE(site.backup().has_value());
    // The last place in the order of names that is taken: all others have been by then.
    std::filesystem::remove_all(site.folder / "site/state");
    site.folder.write("site/state", "in the way, and not in a folder\n");
    site.folder.write("site/etc/policy.toml", "# newer\n");
    auto verified = Verified::open(site.folder / "backup", site.config(), test::nobody_asks);
    // Such a name is taken already for each second that this may be.
    const auto now =
        std::chrono::time_point_cast<std::chrono::seconds>(std::chrono::system_clock::now());
    for (int i = 0; i < 30; ++i) {
        auto text = controller::time_text(now + std::chrono::seconds(i));
        std::erase_if(text, [](char c) { return c == '-' || c == ':'; });
        site.folder.write("site/state.before-" + text, "taken\n");
    }
    const auto before = site.folder.all();
    const auto done = verified->restore();
    CHECK_TRUE(!done && done.error().code == Errc::conflict);
    CHECK_TRUE(before == site.folder.all());
}

TEST(RestoreOfABackup, RefusesEveryEarlyEndAndTouchesNothing) {
    CHECK_TRUE(site.backup().has_value());
    const auto whole = site.folder.read("backup");
    for (std::size_t end = 0; end < whole.size(); end += 1 + whole.size() / 50) {
        site.folder.write("backup", whole.substr(0, end));
        const auto before = site.folder.all();
        CHECK_FALSE(site.restore().empty());
        CHECK_TRUE(before == site.folder.all());
    }
}

TEST(RestoreOfABackup, RefusesFilesThatNoControllerHas) {
    const std::map<std::string, std::string> good{{"config/sweepgated.toml", toml()},
                                                  {"state/a", "x"}};
    const auto with = [&](const std::string& name) {
        auto files = good;
        files[name] = "x";
        forge(files);
        return site.restore();
    };
    STRCMP_CONTAINS("keys/other: is no file of a controller", with("keys/other").c_str());
    STRCMP_CONTAINS("cron.d/x: is no file of a controller", with("cron.d/x").c_str());
    STRCMP_CONTAINS("not encrypted", with("keys/signing.key").c_str());
    forge({{"config/sweepgated.toml", toml()}});
    STRCMP_CONTAINS("nothing of a state folder", site.restore().c_str());
    forge({{"state/a", "x"}});
    STRCMP_CONTAINS("config/sweepgated.toml: is missing", site.restore().c_str());
    forge({{"config/sweepgated.toml", "state = 7\n"}, {"state/a", "x"}});
    STRCMP_CONTAINS("config/sweepgated.toml:1", site.restore().c_str());
    forge({{"config/sweepgated.toml", "state = \"/etc\"\n"}, {"state/a", "x"}});
    STRCMP_CONTAINS("/etc is no place", site.restore().c_str());
    forge(good);
    STRCMP_EQUAL("", site.restore().c_str());
}

TEST(RestoreOfABackup, TheFirstFaultOfABackupLeavesNoFile) {
    site.folder.write("site/state/book.sqlite", std::string(8192, 'x'));
    CHECK_FALSE(site.backup().has_value());
    CHECK_FALSE(site.folder.has("backup"));
    CHECK_FALSE(site.folder.has("site/state/backup-copies"));
    for (const auto& [name, text] : site.folder.all()) CHECK_FALSE(name.starts_with("backup"));
}
