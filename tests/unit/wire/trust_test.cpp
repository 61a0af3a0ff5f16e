// SPDX-License-Identifier: Apache-2.0
// Lists of signing keys, who has to have signed them, and what a box makes of them.
#include "controlplane/wire/trust.hpp"

#include <sys/stat.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>

#include "controlplane/wire/beacon_proof.hpp"
#include "controlplane/wire/holding.hpp"
#include "tests/unit/model/random_snapshot.hpp"

#include <CppUTest/TestHarness.h>

using namespace sweepgate;
using namespace sweepgate::wire;

namespace {

TrustList list_of(std::uint64_t version, std::vector<VerifyKey> signing,
                  std::vector<VerifyKey> retired = {}) {
    return {version, 0, Instant(std::chrono::seconds(1'790'000'000)), std::move(signing),
            std::move(retired)};
}

std::string signed_list(const TrustList& list, const std::vector<SigningKey>& keys) {
    auto text = to_text(list).value();
    for (const auto& key : keys) text = countersign(text, key).value();
    return text;
}

} // namespace

TEST_GROUP(TrustLists) {
    SigningKey first = SigningKey::generate();
    SigningKey second = SigningKey::generate();
    SigningKey root = SigningKey::generate();
    SigningKey other_root = SigningKey::generate();
    TrustedKeys rooted{{first.verify_key()}, {root.verify_key(), other_root.verify_key()}, 2, {}};
    TrustedKeys rootless{{first.verify_key()}, {}, 1, {}};

    std::string refusal(std::string_view text, const TrustedKeys& anchor) {
        const auto opened = open_trust_list(text, anchor);
        return opened ? "" : opened.error().what;
    }
};

TEST(TrustLists, ComeBackFromTheirText) {
    auto list = list_of(3, {first.verify_key(), second.verify_key()}, {root.verify_key()});
    list.epoch = 2;
    const auto read = parse_trust_list(to_text(list).value()).value();
    LONGS_EQUAL(3, read.version);
    LONGS_EQUAL(2, read.epoch);
    CHECK_TRUE(read.issued == list.issued);
    CHECK_TRUE(read.signing == list.signing);
    CHECK_TRUE(read.retired == list.retired);
}

TEST(TrustLists, NeedAsManyRootKeysAsTheBoxSays) {
    const auto list = list_of(1, {second.verify_key()});
    CHECK_TRUE(open_trust_list(signed_list(list, {root, other_root}), rooted).has_value());
    STRCMP_CONTAINS("1 of 2 signature(s) by a root key",
                    refusal(signed_list(list, {root}), rooted).c_str());
    // Neither does a key sign twice, nor a signing key in a root key's place.
    const auto once = signed_list(list, {root});
    const auto line = once.substr(once.find("signature"));
    STRCMP_CONTAINS("1 of 2", refusal(once + line, rooted).c_str());
    STRCMP_CONTAINS("0 of 2", refusal(signed_list(list, {first, second}), rooted).c_str());
}

TEST(TrustLists, AreSignedBySigningKeysWhereABoxHasNoRoot) {
    const auto list = list_of(1, {first.verify_key(), second.verify_key()});
    CHECK_TRUE(open_trust_list(signed_list(list, {first}), rootless).has_value());
    STRCMP_CONTAINS("0 of 1 signature(s) by a signing key",
                    refusal(signed_list(list, {second}), rootless).c_str());
}

TEST(TrustLists, ChangedByOneByteAreRefused) {
    const auto text = signed_list(list_of(1, {second.verify_key()}), {root, other_root});
    for (std::size_t at = 0; at < text.size(); ++at) {
        auto changed = text;
        changed[at] = static_cast<char>(changed[at] ^ 1);
        const auto opened = open_trust_list(changed, rooted);
        // Hex digits are read in either case, and none of these changes is that.
        CHECK_FALSE(opened.has_value());
    }
}

TEST(TrustLists, NameTheLineThatIsWrong) {
    const auto key = "signing " + std::string(64, 'a') + "\n";
    const std::string head = "sweepgate-trust 1\nversion 1\nepoch 0\nissued 1\n";
    const auto told = [&](const std::string& text) {
        const auto read = parse_trust_list(text);
        return read ? std::string("good") : read.error().what;
    };
    CHECK_EQUAL(std::string("good"), told(head + key));
    STRCMP_CONTAINS("trust list:1: expected 'sweepgate-trust 1'",
                    told("sweepgate-trust 2\n").c_str());
    STRCMP_CONTAINS("trust list:2: versions begin with 1",
                    told("sweepgate-trust 1\nversion 0\nepoch 0\nissued 1\n" + key).c_str());
    STRCMP_CONTAINS("trust list:2: expected version and a number of at most 2147483648",
                    told("sweepgate-trust 1\nversion 2147483649\nepoch 0\nissued 1\n").c_str());
    STRCMP_CONTAINS("trust list:3: expected epoch",
                    told("sweepgate-trust 1\nversion 1\nepoch 01\nissued 1\n").c_str());
    STRCMP_CONTAINS("trust list:4: no signing key", told(head).c_str());
    STRCMP_CONTAINS("trust list:6: the same key twice", told(head + key + key).c_str());
    STRCMP_CONTAINS("trust list:6: a key is signing and retired",
                    told(head + key + "retired " + std::string(64, 'a') + "\n").c_str());
    STRCMP_CONTAINS("trust list:6: expected signature", told(head + key + "signing\n").c_str());
    STRCMP_CONTAINS("trust list:6: expected a line and its end",
                    told(head + key + "signature x").c_str());
    STRCMP_CONTAINS("longer than", told(std::string(kMaxTrustBytes + 1, ' ')).c_str());
}

TEST_GROUP(Trusting) {
    SigningKey first = SigningKey::generate();
    SigningKey second = SigningKey::generate();
    SigningKey root = SigningKey::generate();
    std::filesystem::path folder;

    void setup() override {
        std::string name = "/tmp/sg-trust-XXXXXX";
        CHECK_TRUE(::mkdtemp(name.data()) != nullptr);
        folder = name;
        write(to_line(first.verify_key()) + "\n" + to_root_line(root.verify_key()) + "\n");
    }
    void teardown() override { std::filesystem::remove_all(folder); }

    /// As an editor does: a new file in place of the old one.
    void write(const std::string& text) const {
        std::ofstream(folder / "keys.new") << text;
        std::filesystem::rename(folder / "keys.new", folder / "keys");
    }
    Trust opened() const {
        return Trust::open({folder / "keys", folder / "copy", folder / "list"}).value();
    }
    static bool trusts(const Trust& trust, const SigningKey& key) {
        return std::ranges::find(trust.keys(), key.verify_key()) != trust.keys().end();
    }
};

TEST(Trusting, AListAddsAndRetiresKeysAndStaysOverAStart) {
    auto trust = opened();
    CHECK_TRUE(
        trust.take(signed_list(list_of(1, {first.verify_key(), second.verify_key()}), {root}))
            .value());
    CHECK_TRUE(trusts(trust, first) && trusts(trust, second));
    auto next = list_of(2, {second.verify_key()}, {first.verify_key()});
    next.epoch = 1;
    const auto text = signed_list(next, {root});
    CHECK_TRUE(trust.take(text).value());
    CHECK_FALSE(trust.take(text).value()); // held already
    for (const auto& now : {trust, opened()}) {
        LONGS_EQUAL(2, now.version());
        CHECK_TRUE(!trusts(now, first) && trusts(now, second));
        CHECK_TRUE(now.most_generation() == 2 * kEpochSpan - 1);
        LONGS_EQUAL(2, now.keys_of_the_past().size());
    }
}

TEST(Trusting, NoOlderListAndNoOtherOfTheSameVersionComesBack) {
    auto trust = opened();
    const auto old = signed_list(list_of(1, {first.verify_key()}), {root});
    CHECK_TRUE(trust.take(signed_list(list_of(2, {second.verify_key()}), {root})).value());
    STRCMP_CONTAINS("version 1 is older than the held 2", trust.take(old).error().what.c_str());
    STRCMP_CONTAINS(
        "version 2 came twice with different content",
        trust.take(signed_list(list_of(2, {first.verify_key()}), {root})).error().what.c_str());
}

TEST(Trusting, TheFileOnTheBoxStandsAboveEveryList) {
    auto trust = opened();
    CHECK_TRUE(
        trust.take(signed_list(list_of(1, {second.verify_key()}, {first.verify_key()}), {root}))
            .value());
    CHECK_FALSE(trust.look()); // nothing has changed
    const auto fresh = SigningKey::generate();
    const auto fresh_root = SigningKey::generate();
    write(to_line(fresh.verify_key()) + "\n" + to_root_line(fresh_root.verify_key()) + "\n");
    CHECK_TRUE(trust.look());
    CHECK_TRUE(trusts(trust, fresh) && !trusts(trust, second));
    LONGS_EQUAL(0, trust.version());
    STRCMP_CONTAINS("0 of 1 signature(s) by a root key", trust.faults().front().c_str());
}

TEST(Trusting, AFileThatIsLostOrOpenToOthersLeavesWhatWasTrusted) {
    auto trust = opened();
    std::filesystem::remove(folder / "keys");
    CHECK_FALSE(trust.look());
    CHECK_TRUE(trusts(trust, first));
    write(to_line(second.verify_key()) + "\n");
    ::chmod((folder / "keys").c_str(), 0666);
    CHECK_FALSE(trust.look());
    CHECK_TRUE(trusts(trust, first) && !trusts(trust, second));
    STRCMP_CONTAINS("can write to it", trust.faults().front().c_str());
    ::chmod((folder / "keys").c_str(), 0644);
}

TEST(Trusting, AKeptListThatIsDamagedIsLeftOut) {
    {
        auto trust = opened();
        CHECK_TRUE(trust.take(signed_list(list_of(1, {second.verify_key()}), {root})).value());
    }
    std::ofstream(folder / "list") << "sweepgate-trust 1\n";
    const auto trust = opened();
    CHECK_TRUE(trusts(trust, first) && !trusts(trust, second));
    STRCMP_CONTAINS("list: trust list:2: expected", trust.faults().front().c_str());
}

TEST_GROUP(BeaconProofs) {
    SigningKey key = SigningKey::generate();
    std::vector<VerifyKey> keys{key.verify_key()};
    Freshness::Clock::time_point now{};
};

TEST(BeaconProofs, ComeBackAndAreRefusedWhenAByteDiffers) {
    const BeaconProof said{7, 8, 9, Digest{1}};
    const auto bytes = seal_proof(said, key);
    LONGS_EQUAL(kBeaconProofBytes, bytes.size());
    const auto read = open_proof(bytes, keys).value();
    CHECK_TRUE(read.session == 7 && read.count == 8 && read.generation == 9 &&
               read.digest == said.digest);
    for (std::size_t at = 0; at < bytes.size(); ++at) {
        auto changed = bytes;
        changed[at] = static_cast<char>(changed[at] ^ 1);
        CHECK_FALSE(open_proof(changed, keys).has_value());
    }
    CHECK_TRUE(open_proof(bytes, std::vector{SigningKey::generate().verify_key()}).error().code ==
               Errc::refused);
}

TEST(BeaconProofs, ThatAreRepeatedAreNotFresh) {
    Freshness freshness(now);
    CHECK_TRUE(freshness.take({1, 5, 9, {}}, now));
    CHECK_FALSE(freshness.take({1, 5, 9, {}}, now + std::chrono::seconds(2)));
    CHECK_FALSE(freshness.take({1, 4, 9, {}}, now + std::chrono::seconds(2)));
    CHECK_TRUE(freshness.age(now + std::chrono::seconds(40)) == std::chrono::seconds(40));
    CHECK_TRUE(freshness.take({1, 6, 9, {}}, now + std::chrono::seconds(41)));
    // Another life of the controller, and the first one's words again.
    CHECK_TRUE(freshness.take({2, 1, 9, {}}, now));
    CHECK_FALSE(freshness.take({1, 6, 9, {}}, now));
    // Two controllers that take turns are both heard.
    CHECK_TRUE(freshness.take({1, 7, 9, {}}, now));
    CHECK_TRUE(freshness.take({2, 2, 9, {}}, now));
}

TEST_GROUP(Epochs) {
    SigningKey stolen = SigningKey::generate();
    SigningKey fresh = SigningKey::generate();

    static std::string sealed(Generation generation, const SigningKey& key) {
        std::mt19937 random(7); // the same content each time
        return seal_snapshot(testing::random_snapshot(random, generation), key).value();
    }
};

TEST(Epochs, TheLastNumberOfOneHasAWayBack) {
    Holding holding({stolen.verify_key()});
    holding.accept(holding.open(sealed(last_of(0), stolen)).value());
    STRCMP_CONTAINS("is older than the held 999999999999",
                    holding.open(sealed(58, stolen)).error().what.c_str());
    // Nobody jumps into an epoch that no list has begun.
    STRCMP_CONTAINS("is beyond 999999999999, the last of epoch 0",
                    holding.open(sealed(kEpochSpan + 58, stolen)).error().what.c_str());
    holding.trust({fresh.verify_key()}, last_of(1));
    CHECK_TRUE(holding.open(sealed(kEpochSpan + 1, stolen)).error().code == Errc::refused);
    CHECK_TRUE(holding.open(sealed(kEpochSpan + 58, fresh)).has_value());
}
