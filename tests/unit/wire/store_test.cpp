// SPDX-License-Identifier: Apache-2.0
#include "controlplane/wire/store.hpp"

#include <signal.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>

#include <CppUTest/TestHarness.h>

using namespace sweepgate;
using namespace sweepgate::wire;

TEST_GROUP(Store) {
    std::filesystem::path folder;

    void setup() override {
        std::string name = "/tmp/sg-store-XXXXXX";
        CHECK_TRUE(::mkdtemp(name.data()) != nullptr);
        folder = name;
    }
    void teardown() override { std::filesystem::remove_all(folder); }
};

TEST(Store, GivesBackWhatWasSavedLast) {
    CHECK_TRUE(save(folder / "f", "one").has_value());
    CHECK_TRUE(save(folder / "f", "two").has_value());
    STRCMP_EQUAL("two", load(folder / "f")->c_str());
    CHECK_TRUE(load(folder / "none").error().code == Errc::not_found);
    CHECK_TRUE(load(folder).error().code == Errc::bad_input);
}

TEST(Store, LeavesTheFileBeforeBesideTheNewOne) {
    CHECK_TRUE(save_next(folder / "f", "one").has_value());
    CHECK_FALSE(std::filesystem::exists(before(folder / "f")));
    CHECK_TRUE(save_next(folder / "f", "two").has_value());
    CHECK_TRUE(save_next(folder / "f", "three").has_value());
    STRCMP_EQUAL("three", load(folder / "f")->c_str());
    STRCMP_EQUAL("two", load(before(folder / "f"))->c_str());
}

TEST(Store, LeavesACopyOnceAndAnewWhenTheTextHasChanged) {
    keep_copy(folder / "copy", "one");
    STRCMP_EQUAL("one", load(folder / "copy")->c_str());
    keep_copy(folder / "copy", "on");
    STRCMP_EQUAL("on", load(folder / "copy")->c_str());
    keep_copy(folder / "none" / "copy", "x"); // no folder: no copy, and no harm
}

TEST(Store, KeepsTheOldFileWhenTheWriteFails) {
    CHECK_TRUE(save(folder / "f", "old").has_value());
    // A file size limit stands for the full disk: write() fails half way, as with ENOSPC.
    ::signal(SIGXFSZ, SIG_IGN);
    rlimit before{};
    ::getrlimit(RLIMIT_FSIZE, &before);
    const rlimit small{1000, before.rlim_max};
    ::setrlimit(RLIMIT_FSIZE, &small);
    const auto failed = save(folder / "f", std::string(5000, 'x'));
    ::setrlimit(RLIMIT_FSIZE, &before);
    CHECK_TRUE(failed.error().code == Errc::io);
    CHECK_TRUE(failed.error().what.find((folder / "f").string()) != std::string::npos);
    STRCMP_EQUAL("old", load(folder / "f")->c_str());
    CHECK_FALSE(std::filesystem::exists(folder / "f.new"));
}

TEST(Store, IgnoresTheRestOfAnInterruptedWrite) {
    CHECK_TRUE(save(folder / "f", "old").has_value());
    std::ofstream(folder / "f.new") << "tor";
    STRCMP_EQUAL("old", load(folder / "f")->c_str());
    CHECK_TRUE(save(folder / "f", "new").has_value());
    STRCMP_EQUAL("new", load(folder / "f")->c_str());
}

TEST(Store, AFolderIsHeldOnceAndTheHolderIsNamed) {
    auto first = StateFolder::open(folder / "s");
    CHECK_TRUE(first.has_value());
    const auto second = StateFolder::open(folder / "s");
    CHECK_TRUE(second.error().code == Errc::conflict);
    STRCMP_CONTAINS((folder / "s").c_str(), second.error().what.c_str());
    STRCMP_CONTAINS(std::to_string(::getpid()).c_str(), second.error().what.c_str());
    { const auto gone = std::move(*first); }
    CHECK_TRUE(StateFolder::open(folder / "s").has_value());
}
