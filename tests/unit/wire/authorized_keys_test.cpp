// SPDX-License-Identifier: Apache-2.0
#include "controlplane/wire/keys.hpp"

#include <cstdlib>
#include <fstream>

#include <sys/stat.h>

#include <CppUTest/TestHarness.h>

using namespace sweepgate;
using namespace sweepgate::wire;

TEST_GROUP(AuthorizedKeysFile) {
    std::string key = generate_curve_keys().public_key;

    static std::string fault_of(const std::string& text) {
        const auto keys = AuthorizedKeys::parse(text, "authorized_keys");
        return keys ? "" : keys.error().what;
    }
};

TEST(AuthorizedKeysFile, GivesRoleAndNameToEachKey) {
    const auto other = generate_curve_keys().public_key;
    const auto keys = AuthorizedKeys::parse(
        "# fleet\n\n gate branch7 " + key + "\r\nadmin ada\t" + other + " # comment\n", "k");
    LONGS_EQUAL(2, keys->size());
    CHECK_TRUE(keys->find(key)->role == Role::gate);
    STRCMP_EQUAL("branch7", keys->find(key)->name.c_str());
    CHECK_TRUE(keys->find(other)->role == Role::admin);
    POINTERS_EQUAL(nullptr, keys->find("x"));
}

TEST(AuthorizedKeysFile, NamesTheLineOfEachFault) {
    STRCMP_CONTAINS("authorized_keys:2:1: role 'gat' is not gate, relay, viewer or "
                    "admin; did you mean 'gate'?",
                    fault_of("\ngat a " + key).c_str());
    STRCMP_CONTAINS(":1:1: 2 word(s)", fault_of("gate a\n").c_str());
    STRCMP_CONTAINS(":1:6: bad name 'a/b'", fault_of("gate a/b " + key).c_str());
    STRCMP_CONTAINS("is not a Z85 key", fault_of("gate a short").c_str());
    STRCMP_CONTAINS(":2:1: the key is already given to gate a",
                    fault_of("gate a " + key + "\nadmin b " + key).c_str());
    STRCMP_CONTAINS("role 'local' is not", fault_of("local a " + key).c_str());
}

TEST(AuthorizedKeysFile, TellsAllFaults) {
    STRCMP_EQUAL("authorized_keys:1:1: 1 word(s), expected role, name and public key\n"
                 "authorized_keys:2:8: 'short' is not a Z85 key",
                 fault_of("gate\ngate a short\n").c_str());
}

TEST(AuthorizedKeysFile, TakesWhatAPubFileHolds) {
    for (const auto& line : {"admin ada sweepgate-curve-public " + key,
                             "sweepgate-curve-public " + key + " admin ada"}) {
        const auto keys = AuthorizedKeys::parse(line, "k");
        CHECK_TRUE(keys.has_value());
        STRCMP_EQUAL("ada", keys->find(key)->name.c_str());
    }
    STRCMP_CONTAINS(":1:1: a public key without role and name",
                    fault_of("sweepgate-curve-public " + key).c_str());
}

TEST(AuthorizedKeysFile, TakesAKeyThatStartsWithAHash) {
    // Z85 has '#' as its last digit but one; this one stands for 32 bytes.
    const std::string hash = "#" + std::string(39, '0');
    CHECK_EQUAL(is_curve_key(hash), fault_of("gate a " + hash).empty());
    const std::string low = "0#" + std::string(38, '0');
    STRCMP_EQUAL("", fault_of("gate a " + low).c_str());
}

TEST_GROUP(KeyFilesAtStart) {
    std::string key = generate_curve_keys().public_key;
    std::filesystem::path folder;

    void setup() override {
        auto pattern = (std::filesystem::temp_directory_path() / "sg-keysXXXXXX").string();
        folder = ::mkdtemp(pattern.data());
    }
    void teardown() override { std::filesystem::remove_all(folder); }
    void write(const std::string& name, const std::string& text) const {
        std::ofstream(folder / name) << text;
    }
    [[nodiscard]] Result<AuthorizedKeys> authorized() const {
        return AuthorizedKeys::load(folder / "keys", folder / "copy");
    }
    [[nodiscard]] Result<TrustedKeys> trusted() const {
        return load_trusted_keys(folder / "pub", folder / "copy");
    }
};

TEST(KeyFilesAtStart, LoseTheirBadLinesOnly) {
    write("keys", "\xEF\xBB\xBF"
                  "gate a " +
                      key + "\nsweepgate-curve-public x\ngate b " + key + "\n");
    const auto keys = authorized();
    CHECK_EQUAL(1U, keys->size());
    CHECK_EQUAL(2U, keys->faults().size());
    STRCMP_CONTAINS("keys:2:1: a public key without role and name", keys->faults()[0].c_str());
    STRCMP_CONTAINS("keys:3:1: the key is already given", keys->faults()[1].c_str());
}

TEST(KeyFilesAtStart, TakeWhatWasReadLastWhileTheyAreMissing) {
    CHECK_FALSE(authorized().has_value());
    write("keys", "gate a " + key + "\n");
    CHECK_TRUE(authorized()->faults().empty());
    std::filesystem::remove(folder / "keys");
    auto keys = authorized();
    CHECK_EQUAL(1U, keys->size());
    STRCMP_CONTAINS("the keys that were read last stay", keys->faults().at(0).c_str());
    CHECK_EQUAL(0, ::mkfifo((folder / "keys").c_str(), 0600));
    CHECK_EQUAL(1U, authorized()->size());
    std::filesystem::remove(folder / "keys");
    write("keys", "# nobody any more\n"); // what is no longer listed does not come back
    CHECK_EQUAL(0U, authorized()->size());
    std::filesystem::remove(folder / "keys");
    CHECK_EQUAL(0U, authorized()->size());
}

TEST(KeyFilesAtStart, TakeWhatWasReadLastWhileAnybodyCouldHaveWrittenThem) {
    write("keys", "gate a " + key + "\n");
    CHECK_EQUAL(1U, authorized()->size());
    write("keys", "gate a " + key + "\nadmin eve " + generate_curve_keys().public_key + "\n");
    CHECK_EQUAL(0, ::chmod((folder / "keys").c_str(), 0666));
    const auto keys = authorized();
    CHECK_EQUAL(1U, keys->size());
    STRCMP_CONTAINS("group or others can write to it; chmod go-w it; the keys that were read last",
                    keys->faults().at(0).c_str());
}

TEST(KeyFilesAtStart, TakeWhatWasReadLastWhileTheyAreEmptiedOrGarbage) {
    write("keys", "");
    CHECK_EQUAL(0U, authorized()->size()); // at the first start of all there is nothing to keep
    write("keys", "gate a " + key + "\n");
    CHECK_EQUAL(1U, authorized()->size());
    for (const auto* text : {"", " \n\n", "\x01\x02 garbage\nmore of it\n"}) {
        write("keys", text);
        const auto keys = authorized();
        CHECK_EQUAL(1U, keys->size());
        STRCMP_CONTAINS("; the keys that were read last stay", keys->faults().at(0).c_str());
    }
    write("keys", "# nobody any more\n");
    CHECK_EQUAL(0U, authorized()->size());
    write("keys", "");
    CHECK_EQUAL(0U, authorized()->size());
}

TEST(KeyFilesAtStart, TrustTheKeysThatStandOnGoodLines) {
    const auto one = SigningKey::generate().verify_key();
    const auto two = SigningKey::generate().verify_key();
    write("pub", to_line(one) + "\nsweepgate-signing-public 12\n" + to_line(two) + "\n");
    auto keys = trusted();
    CHECK_EQUAL(2U, keys->keys.size());
    STRCMP_CONTAINS("pub:2:1: expected sweepgate-signing-public", keys->faults.at(0).c_str());
    write("pub", "");
    keys = trusted();
    CHECK_EQUAL(2U, keys->keys.size());
    STRCMP_CONTAINS("those that were read last stay", keys->faults.back().c_str());
    write("pub", to_line(two) + "\n"); // the first is withdrawn
    CHECK_EQUAL(1U, trusted()->keys.size());
    std::filesystem::remove(folder / "pub");
    keys = trusted();
    CHECK_EQUAL(1U, keys->keys.size());
    CHECK_TRUE(keys->keys[0] == two);
    std::filesystem::remove(folder / "copy");
    CHECK_FALSE(trusted().has_value());
}
