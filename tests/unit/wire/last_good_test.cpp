// SPDX-License-Identifier: Apache-2.0
#include "controlplane/wire/last_good.hpp"

#include <sys/stat.h>

#include <cstdlib>
#include <fstream>

#include "controlplane/wire/store.hpp"

#include <CppUTest/TestHarness.h>

using namespace sweepgate;
using namespace sweepgate::wire;

TEST_GROUP(LastGood) {
    std::filesystem::path folder;
    std::filesystem::path file;

    void setup() override {
        std::string name = "/tmp/sg-last-XXXXXX";
        CHECK_TRUE(::mkdtemp(name.data()) != nullptr);
        folder = name;
        file = folder / "last-good";
    }
    void teardown() override { std::filesystem::remove_all(folder); }

    [[nodiscard]] std::string kept() const { return load(file).value_or("nothing"); }
    [[nodiscard]] ino_t inode() const {
        struct stat status {};
        CHECK_EQUAL(0, ::stat(file.c_str(), &status));
        return status.st_ino;
    }
};

TEST(LastGood, AppendsOneLinkToWhatItWrote) {
    LastGood last(file);
    CHECK_TRUE(last.keep("snapshot", "").has_value());
    const auto first = inode();
    CHECK_TRUE(last.keep("snapshot+delta", "snapshot").has_value());
    STRCMP_EQUAL("snapshot+delta", kept().c_str());
    CHECK_EQUAL(first, inode());
    CHECK_TRUE(last.keep("another", "snapshot+delta").has_value());
    STRCMP_EQUAL("another", kept().c_str());
    STRCMP_EQUAL("snapshot+delta", load(before(file)).value().c_str());
}

TEST(LastGood, WritesTheWholeWhereTheFileIsNotItsOwn) {
    std::ofstream(file) << "snapshot";
    LastGood last(file);
    const auto first = inode();
    CHECK_TRUE(last.keep("snapshot+delta", "snapshot").has_value());
    STRCMP_EQUAL("snapshot+delta", kept().c_str());
    CHECK_TRUE(first != inode());
    std::ofstream(file, std::ios::app) << "somebody else's";
    CHECK_TRUE(last.keep("snapshot+delta+delta", "snapshot+delta").has_value());
    STRCMP_EQUAL("snapshot+delta+delta", kept().c_str());
}

TEST(LastGood, TakesBackALinkAndAWhole) {
    LastGood last(file);
    CHECK_TRUE(last.keep("snapshot", "").has_value());
    CHECK_TRUE(last.keep("snapshot+delta", "snapshot").has_value());
    CHECK_TRUE(last.take_back().has_value());
    STRCMP_EQUAL("snapshot", kept().c_str());
    CHECK_TRUE(last.keep("another", "snapshot").has_value());
    CHECK_TRUE(last.take_back().has_value());
    STRCMP_EQUAL("snapshot", kept().c_str());
    CHECK_TRUE(last.take_back().has_value()); // once is all there is
    STRCMP_EQUAL("snapshot", kept().c_str());
    CHECK_TRUE(last.keep("snapshot+delta", "snapshot").has_value()); // and goes on
    STRCMP_EQUAL("snapshot+delta", kept().c_str());
}

TEST(LastGood, LeavesNoFileWhereTheFirstIsTakenBack) {
    LastGood last(file);
    CHECK_TRUE(last.keep("snapshot", "").has_value());
    CHECK_TRUE(last.take_back().has_value());
    CHECK_FALSE(std::filesystem::exists(file));
}

TEST(LastGood, IsWhatItWasWhenItCannotBeWritten) {
    LastGood last(file);
    CHECK_TRUE(last.keep("snapshot", "").has_value());
    std::filesystem::rename(folder, folder.string() + ".away");
    CHECK_FALSE(last.keep("snapshot+delta", "snapshot").has_value());
    CHECK_TRUE(last.take_back().has_value()); // there is nothing to take back
    std::filesystem::rename(folder.string() + ".away", folder);
    STRCMP_EQUAL("snapshot", kept().c_str());
    CHECK_TRUE(last.keep("snapshot+delta+delta", "snapshot+delta").has_value());
    STRCMP_EQUAL("snapshot+delta+delta", kept().c_str());
}
