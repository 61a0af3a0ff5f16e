// SPDX-License-Identifier: Apache-2.0
#include "controlplane/controller/policy_archive.hpp"

#include <fstream>

#include <unistd.h>

#include <CppUTest/TestHarness.h>

using namespace sweepgate;
using namespace sweepgate::controller;

TEST_GROUP(PolicyArchive) {
    std::filesystem::path state =
        std::filesystem::temp_directory_path() / ("sg-archive-" + std::to_string(getpid()));
    void teardown() override { std::filesystem::remove_all(state); }
};

TEST(PolicyArchive, IsEmptyAtFirst) {
    const auto archive = PolicyArchive::open(state);
    CHECK_FALSE(archive->current()->has_value());
    STRCMP_EQUAL("no policy 1: none is filed", archive->get(1).error().what.c_str());
}

TEST(PolicyArchive, KeepsEveryTextUnderItsNumber) {
    auto archive = *PolicyArchive::open(state);
    CHECK_EQUAL(1U, *archive.file("first"));
    CHECK_EQUAL(2U, *archive.file("second"));
    STRCMP_EQUAL("first", archive.get(1)->text.c_str());
    STRCMP_EQUAL("second", (*archive.current())->text.c_str());
    STRCMP_EQUAL("no policy 3: 1 to 2 are filed", archive.get(3).error().what.c_str());
}

TEST(PolicyArchive, NumbersOnAcrossARestart) {
    CHECK_EQUAL(1U, *PolicyArchive::open(state)->file("first"));
    CHECK_EQUAL(2U, *PolicyArchive::open(state)->file("second"));
}

TEST(PolicyArchive, IgnoresFilesThatAreNotItsOwn) {
    auto archive = *PolicyArchive::open(state);
    std::ofstream(state / "policies" / "notes.txt") << "x";
    std::ofstream(state / "policies" / "7.toml") << "not the six digits we write";
    CHECK_EQUAL(1U, *archive.file("first"));
}

TEST(PolicyArchive, KeepsTheNewestHundred) {
    auto archive = *PolicyArchive::open(state);
    for (int i = 0; i < 103; ++i) CHECK_TRUE(archive.file("x").has_value());
    CHECK_EQUAL(100U, archive.numbers().size());
    CHECK_EQUAL(4U, archive.numbers().front());
}

TEST(PolicyArchive, ForgetsAPolicyThatWasWithdrawn) {
    auto archive = *PolicyArchive::open(state);
    CHECK_EQUAL(1U, *archive.file("first"));
    CHECK_EQUAL(2U, *archive.file("never enforced"));
    CHECK_TRUE(archive.withdraw(2).has_value());
    STRCMP_EQUAL("first", (*archive.current())->text.c_str());
}

TEST(PolicyArchive, RemembersTheFileApartFromWhatIsFiled) {
    auto archive = *PolicyArchive::open(state);
    CHECK_FALSE(archive.remembered_file().has_value());
    CHECK_TRUE(archive.remember_file("text of the file").has_value());
    STRCMP_EQUAL("text of the file", archive.remembered_file()->c_str());
    CHECK_TRUE(archive.numbers().empty());
}
