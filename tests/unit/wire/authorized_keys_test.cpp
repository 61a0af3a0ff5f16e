// SPDX-License-Identifier: Apache-2.0
#include "controlplane/wire/keys.hpp"

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
    STRCMP_CONTAINS("authorized_keys: line 2: unknown role 'gat'",
                    fault_of("\ngat a " + key).c_str());
    STRCMP_CONTAINS("line 1: 2 word(s)", fault_of("gate a\n").c_str());
    STRCMP_CONTAINS("line 1: bad name 'a/b'", fault_of("gate a/b " + key).c_str());
    STRCMP_CONTAINS("is not a Z85 key", fault_of("gate a short").c_str());
    STRCMP_CONTAINS("line 2: the key is already given to gate a",
                    fault_of("gate a " + key + "\nadmin b " + key).c_str());
    STRCMP_CONTAINS("unknown role 'local'", fault_of("local a " + key).c_str());
}

TEST(AuthorizedKeysFile, TakesAKeyThatStartsWithAHash) {
    // Z85 has '#' as its last digit but one; this one stands for 32 bytes.
    const std::string hash = "#" + std::string(39, '0');
    CHECK_EQUAL(is_curve_key(hash), fault_of("gate a " + hash).empty());
    const std::string low = "0#" + std::string(38, '0');
    STRCMP_EQUAL("", fault_of("gate a " + low).c_str());
}
