// SPDX-License-Identifier: Apache-2.0
#include "controlplane/wire/keys.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>

#include <CppUTest/TestHarness.h>

using namespace sweepgate;
using namespace sweepgate::wire;

TEST_GROUP(Keys) {
    std::filesystem::path folder;

    void setup() override {
        std::string name = "/tmp/sg-keys-XXXXXX";
        CHECK_TRUE(::mkdtemp(name.data()) != nullptr);
        folder = name;
    }
    void teardown() override { std::filesystem::remove_all(folder); }
    static unsigned mode_of(const std::filesystem::path& path) {
        struct stat status {};
        ::stat(path.c_str(), &status);
        return status.st_mode & 0777U;
    }
};

TEST(Keys, ComeBackFromTheirFiles) {
    const auto curve = generate_curve_keys();
    const auto signing = SigningKey::generate();
    CHECK_TRUE(save(curve, folder / "c").has_value());
    CHECK_TRUE(save(signing, folder / "s").has_value());
    CHECK_TRUE(load_curve_keys(folder / "c")->secret_key == curve.secret_key);
    CHECK_TRUE(*load_curve_public_key(folder / "c.pub") == curve.public_key);
    CHECK_TRUE(load_signing_key(folder / "s")->bytes() == signing.bytes());
    CHECK_TRUE(load_verify_keys(folder / "s.pub")->front() == signing.verify_key());
    LONGS_EQUAL(0600, mode_of(folder / "c"));
    LONGS_EQUAL(0600, mode_of(folder / "s"));
}

TEST(Keys, AreNeverOverwritten) {
    CHECK_TRUE(save(generate_curve_keys(), folder / "c").has_value());
    CHECK_TRUE(save(generate_curve_keys(), folder / "c").error().code == Errc::conflict);
}

TEST(Keys, ThatOthersCanReadAreRefusedByPath) {
    CHECK_TRUE(save(SigningKey::generate(), folder / "s").has_value());
    ::chmod((folder / "s").c_str(), 0640);
    const auto refused = load_signing_key(folder / "s");
    CHECK_TRUE(refused.error().code == Errc::refused);
    CHECK_TRUE(refused.error().what.find((folder / "s").string()) != std::string::npos);
}

TEST(Keys, ThatSomebodyElseCanChangeAreRefusedWithTheRemedy) {
    const auto path = folder / "guarded.key";
    CHECK_TRUE(save(SigningKey::generate(), path).has_value());
    CHECK_EQUAL(0, ::chmod(folder.c_str(), 0777));
    STRCMP_CONTAINS("its folder", load_signing_key(path).error().what.c_str());
    STRCMP_CONTAINS("chmod go-w it", load_signing_key(path).error().what.c_str());
    CHECK_EQUAL(0, ::chmod(folder.c_str(), 0700));
    CHECK_TRUE(load_signing_key(path).has_value());
    if (::geteuid() != 0) return;
    CHECK_EQUAL(0, ::chown(path.c_str(), 4711, 0));
    STRCMP_CONTAINS("belongs to uid 4711, who can change it; chown it to uid 0",
                    load_signing_key(path).error().what.c_str());
}

TEST(Keys, OfAnotherKindOrTornAreRefused) {
    CHECK_TRUE(save(generate_curve_keys(), folder / "c").has_value());
    CHECK_TRUE(load_signing_key(folder / "c").error().code == Errc::bad_input);
    std::ofstream(folder / "t") << "sweepgate-signing-public abcd\n";
    CHECK_TRUE(load_verify_keys(folder / "t").error().code == Errc::bad_input);
    CHECK_TRUE(load_verify_keys(folder / "none").error().code == Errc::not_found);
    CHECK_FALSE(load_verify_keys(folder).has_value());
}

TEST(Keys, TwoVerifyKeysAreAcceptedDuringARotation) {
    CHECK_TRUE(save(SigningKey::generate(), folder / "a").has_value());
    CHECK_TRUE(save(SigningKey::generate(), folder / "b").has_value());
    std::ofstream both(folder / "both");
    both << "# old and new\n"
         << std::ifstream(folder / "a.pub").rdbuf() << std::ifstream(folder / "b.pub").rdbuf();
    both.close();
    LONGS_EQUAL(2, load_verify_keys(folder / "both")->size());
}

TEST(Keys, ASigningKeyWhoseHalvesDoNotMatchIsRefused) {
    auto bytes = SigningKey::generate().bytes();
    bytes[40] ^= 1;
    CHECK_FALSE(SigningKey::from_bytes(bytes).has_value());
}
