// SPDX-License-Identifier: Apache-2.0
// Starting is never stricter than running: each file that a controller reads is damaged in turn.
#include "controlplane/controller/sweeping.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include "tests/unit/controller/site.hpp"

#include <CppUTest/TestHarness.h>

using namespace sweepgate;
using namespace sweepgate::controller;

TEST_GROUP(Start) {
    test::ControllerSite site;
    static constexpr const char* kGood = "91.108.4.0/22\n149.154.160.0/20\n";
    static constexpr const char* kBoth = "91.108.4.0/22 93.184.216.0/24 149.154.160.0/20";

    void setup() override { STRCMP_EQUAL("", site.start().c_str()); }
    void push_list() {
        site.write("lists/l.txt", kGood);
        const auto change = site->push(test::ControllerSite::kList, {"alice"});
        CHECK_TEXT(change.has_value(), change ? "" : change.error().what.c_str());
        STRCMP_EQUAL(kBoth, site.listed().c_str());
    }
    void restart() {
        const auto why = site.start();
        STRCMP_EQUAL("", why.c_str());
    }
};

TEST(Start, LosesTheBadLineOfAListOnly) {
    push_list();
    site.write("lists/l.txt", "91.108.4.0/22\n149.154.160.0/20\n942.180.233.122\n");
    restart();
    STRCMP_EQUAL(kBoth, site.listed().c_str());
    STRCMP_EQUAL("l.txt:3: '942.180.233.122' is not a prefix",
                 site->view().policy.warnings.at(0).c_str());
}

TEST(Start, KeepsTheFiledListWhileTheFileIsNone) {
    push_list();
    const auto list = site.root / "lists/l.txt";
    for (const auto* text : {"# service unavailable\n", "", "<html>\n503\n"}) {
        site.write("lists/l.txt", text);
        restart();
        STRCMP_EQUAL(kBoth, site.listed().c_str());
        STRCMP_CONTAINS("list: l.txt", site.faults().c_str());
        STRCMP_CONTAINS("stays in force", site.faults().c_str());
    }
    std::filesystem::remove(list);
    restart();
    STRCMP_CONTAINS("No such file", site.faults().c_str());
    CHECK_EQUAL(0, ::mkfifo(list.c_str(), 0600));
    restart();
    STRCMP_CONTAINS("is not a regular file", site.faults().c_str());
    std::filesystem::remove(list);
    std::filesystem::create_directory(list);
    restart();
    STRCMP_EQUAL(kBoth, site.listed().c_str());
    CHECK_TRUE(site->reload().has_value());
    STRCMP_CONTAINS("is a folder", site.faults().c_str());
    std::filesystem::remove(list);
    site.write("lists/l.txt", "91.108.4.0/22\n");
    CHECK_TRUE(site->reload().has_value());
    STRCMP_EQUAL("", site.faults().c_str());
}

TEST(Start, TakesTheCopyOfADamagedPolicy) {
    const std::string pass = "[categories]\nim = \"pass\"\n";
    CHECK_TRUE(site->push(pass, {"alice"}).has_value());
    STRCMP_EQUAL("", site.listed().c_str());
    const auto filed = site.root / "state/policies/000002.toml";
    for (const auto* text : {"[categ", "", "# nothing\n"}) {
        site.write("state/policies/000002.toml", text);
        restart();
        STRCMP_EQUAL("", site.listed().c_str());
        STRCMP_CONTAINS("its copy is in force", site.faults().c_str());
    }
    std::filesystem::remove(filed);
    restart();
    CHECK_EQUAL(2U, site->view().policy_number);
    STRCMP_CONTAINS("No such file", site.faults().c_str());
}

TEST(Start, KeepsWhatIsPublishedWhenNoCopyOfThePolicyIsWhole) {
    const std::string pass = "[categories]\nim = \"pass\"\n";
    CHECK_TRUE(site->push(pass, {"alice"}).has_value());
    const auto generation = site->view().snapshot->generation;
    for (const auto* name : {"000002.toml", "000002.json"})
        std::filesystem::remove(site.root / "state/policies" / name);
    restart(); // policy 1 would block again
    STRCMP_EQUAL("", site.listed().c_str());
    CHECK_EQUAL(generation, site->view().snapshot->generation);
    STRCMP_CONTAINS("policy: policy 2, which is in force, cannot be read", site.faults().c_str());
    CHECK_TRUE(site->push("# defaults\n", {"alice"}).has_value());
    STRCMP_EQUAL("93.184.216.0/24", site.listed().c_str());
    STRCMP_EQUAL("", site.faults().c_str());
    CHECK_EQUAL(3U, site->view().policy_number);
}

TEST(Start, KeepsWhatIsPublishedWhenTheArchiveIsGone) {
    std::filesystem::remove_all(site.root / "state/policies");
    site.write("policy.toml", "[categories]\nim = \"pass\"\n");
    restart();
    STRCMP_EQUAL("93.184.216.0/24", site.listed().c_str());
    STRCMP_CONTAINS("none is filed any more", site.faults().c_str());
}

TEST(Start, ReadsTheArchiveOfVersion01) {
    site.owner.reset();
    std::filesystem::remove_all(site.root / "state/policies");
    std::filesystem::create_directory(site.root / "state/policies");
    site.write("state/policies/000006.toml", "# older\n");
    site.write("state/policies/000007.toml", test::ControllerSite::kBlock);
    site.write("state/policies/file-as-read", test::ControllerSite::kBlock);
    restart();
    STRCMP_EQUAL("", site.faults().c_str());
    CHECK_EQUAL(7U, site->view().policy_number);
    CHECK_EQUAL(2U, site->policies(10).size());
    const auto change = site->rollback({}, {"alice"});
    CHECK_EQUAL(6U, change->back_to->number);
    CHECK_EQUAL(8U, change->policy.number);
}

TEST(Start, RefusesAPolicyThatIsWrongFromTheBeginning) {
    site.owner.reset();
    std::filesystem::remove_all(site.root / "state");
    site.write("policy.toml", "[categ");
    STRCMP_CONTAINS("policy.toml", site.start().c_str());
}

TEST(Start, KeepsWhatWasLastGoodOfACatalogFile) {
    restart(); // the second start is not the first
    site.write("catalog/testim.toml", "id = [");
    site.write("catalog/other.toml", "id = 'other'\n");
    restart();
    STRCMP_EQUAL("93.184.216.0/24", site.listed().c_str());
    STRCMP_CONTAINS("testim.toml", site.faults().c_str());
    STRCMP_CONTAINS("the file stays as it was last read", site.faults().c_str());
    STRCMP_CONTAINS("the file is left out", site.faults().c_str());
    std::filesystem::rename(site.root / "catalog", site.root / "gone");
    restart();
    STRCMP_EQUAL("93.184.216.0/24", site.listed().c_str());
    STRCMP_CONTAINS("what was last read of it stays", site.faults().c_str());
    CHECK_TRUE(site->reload().has_value());
    STRCMP_EQUAL("93.184.216.0/24", site.listed().c_str());
    std::filesystem::rename(site.root / "gone", site.root / "catalog");
    std::filesystem::remove(site.root / "catalog/other.toml");
    site.write("catalog/testim.toml", test::ControllerSite::system("testim", "93.184.217.0/24"));
    CHECK_TRUE(site->reload().has_value());
    STRCMP_EQUAL("", site.faults().c_str());
}

TEST(Start, TellsTheSameOfAReloadAndGoesOn) {
    site.write("policy.toml", "[categ");
    CHECK_TRUE(site->reload().has_value());
    STRCMP_CONTAINS("policy-file: ", site.faults().c_str());
    STRCMP_CONTAINS("what was in force stays", site.faults().c_str());
    restart();
    STRCMP_CONTAINS("policy-file: ", site.faults().c_str());
    STRCMP_EQUAL("93.184.216.0/24", site.listed().c_str());
    site.write("policy.toml", "# mended\n");
    CHECK_TRUE(site->reload().has_value());
    STRCMP_EQUAL("", site.faults().c_str());
    CHECK_EQUAL(2U, site->view().policy_number);
}

TEST(Start, RepeatsWhatIsPublishedWithoutTheSigningKey) {
    const auto key = site.root / "signing.key";
    for (const auto change : {0644, -1}) {
        if (change < 0)
            std::filesystem::rename(key, site.root / "away");
        else
            CHECK_EQUAL(0, ::chmod(key.c_str(), static_cast<mode_t>(change)));
        restart();
        STRCMP_EQUAL("93.184.216.0/24", site.listed().c_str());
        STRCMP_CONTAINS("signing-key: ", site.faults().c_str());
        const auto push = site->push("[categories]\nim = \"pass\"\n", {"alice"});
        CHECK_FALSE(push.has_value());
        STRCMP_CONTAINS("nothing can be signed", push.error().what.c_str());
        CHECK_EQUAL(1U, site->view().policy_number);
        if (change < 0) std::filesystem::rename(site.root / "away", key);
        CHECK_EQUAL(0, ::chmod(key.c_str(), 0600));
        site->mend();
        STRCMP_EQUAL("", site.faults().c_str());
    }
    CHECK_TRUE(site->push("[categories]\nim = \"pass\"\n", {"alice"}).has_value());
}

TEST(Start, BeginsANewBookBesideADamagedOneAndKeepsWhatIsPublished) {
    const auto before = site->view().snapshot->generation;
    site.owner.reset();
    site.write("state/book.sqlite", std::string(8192, 'x'));
    restart();
    STRCMP_EQUAL("93.184.216.0/24", site.listed().c_str());
    CHECK_TRUE(site->view().snapshot->generation > before);
    STRCMP_CONTAINS("book: ", site.faults().c_str());
    CHECK_TRUE(std::filesystem::exists(site.root / "state/book.sqlite.damaged"));
    CHECK_TRUE(site->push("[categories]\nim = \"pass\"\n", {"alice"}).has_value());
    restart();
    STRCMP_EQUAL("", site.faults().c_str());
}

TEST(Start, GoesOnWithoutTheGuardsMemory) {
    site.owner.reset();
    site.write("state/guard.sqlite", std::string(8192, 'x'));
    restart();
    STRCMP_CONTAINS("guard-memory: ", site.faults().c_str());
    STRCMP_EQUAL("93.184.216.0/24", site.listed().c_str());
}

TEST(Start, RefusesChangesWhileItsDatabasesCannotBeOpened) {
    site.owner.reset();
    std::filesystem::rename(site.root / "state/book.sqlite", site.root / "away");
    std::filesystem::create_directory(site.root / "state/book.sqlite"); // the disk says no
    restart();
    STRCMP_EQUAL("93.184.216.0/24", site.listed().c_str());
    STRCMP_CONTAINS("storage: ", site.faults().c_str());
    CHECK_FALSE(site->push("# x\n", {"alice"}).has_value());
    CHECK_FALSE(site->reload().has_value());
    std::filesystem::remove(site.root / "state/book.sqlite");
    std::filesystem::rename(site.root / "away", site.root / "state/book.sqlite");
    site->mend();
    STRCMP_EQUAL("", site.faults().c_str());
    CHECK_TRUE(site->push("# x\n", {"alice"}).has_value());
}

TEST(Start, TakesWhatIsPublishedFromItsCopy) {
    CHECK_TRUE(site->push("[categories]\nim = \"pass\"\n", {"alice"}).has_value());
    const auto before = site->view().snapshot->generation;
    site.owner.reset();
    for (const auto* name : {"book.sqlite", "book.sqlite-wal"})
        std::filesystem::remove(site.root / "state" / name);
    restart();
    STRCMP_EQUAL("", site.listed().c_str());
    CHECK_TRUE(site->view().snapshot->generation > before);
    STRCMP_CONTAINS("published: ", site.faults().c_str());
}

TEST(Start, WaitsForAResolver) {
    site.config.resolver.servers.clear();
    site.config.resolver.timeouts = {std::chrono::milliseconds(100)};
    restart();
    const auto resolv = (site.root / "resolv.conf").string();
    site.write("resolv.conf", "");
    Sweeping sweeping(*site, resolv);
    CHECK_TRUE(sweeping.start().has_value());
    STRCMP_CONTAINS("resolver: no resolver", site.faults().c_str());
    CHECK_TRUE(sweeping.is_alive());
    STRCMP_EQUAL("93.184.216.0/24", site.listed().c_str());
    site.write("resolv.conf", "nameserver 127.0.0.1\n");
    for (int i = 0; i < 400 && !site.faults().empty(); ++i) {
        ::usleep(10'000);
        sweeping.turn();
    }
    STRCMP_EQUAL("", site.faults().c_str());
    CHECK_EQUAL(1U, site->config().resolver.servers.size());
}

TEST(Start, TakesTheLastConfigurationWhenTheFileHasBecomeWrong) {
    const auto file = site.root / "sweepgated.toml";
    const auto text = "state = \"" + (site.root / "state").string() +
                      "\"\n[resolver]\nservers = [\"127.0.0.9\"]\n";
    site.write("sweepgated.toml", text);
    auto started = load_start_config(file);
    CHECK_TRUE(started && started->fault.empty());
    keep_config(*started, file);
    site.write("sweepgated.toml", text + "servers = [\"127.0.0.8\"\n");
    started = load_start_config(file);
    CHECK_TRUE(started.has_value());
    STRCMP_CONTAINS("sweepgated.toml", started->fault.c_str());
    STRCMP_EQUAL("127.0.0.9", started->config.resolver.servers.at(0).c_str());
    site.write("other.toml", "state = \"" + (site.root / "state").string() + "\"\n[\n");
    CHECK_FALSE(load_start_config(site.root / "other.toml").has_value()); // it never was good
}
