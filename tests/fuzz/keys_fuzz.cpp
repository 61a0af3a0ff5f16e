// SPDX-License-Identifier: Apache-2.0
// Lists of signing keys, also behind a good signature; files of keys; the controller's word at a
// beacon. The first byte chooses.
#include <sodium.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "controlplane/wire/beacon_proof.hpp"
#include "controlplane/wire/trust.hpp"

using namespace sweepgate;
using namespace sweepgate::wire;

namespace {

const SigningKey& key() {
    static const SigningKey fixed = SigningKey::generate();
    return fixed;
}

void check_list(std::string_view text) {
    const auto list = parse_trust_list(text);
    if (!list) {
        if (list.error().what.empty()) std::abort();
        return;
    }
    const auto again = to_text(*list);
    if (!again || !text.starts_with(*again)) std::abort(); // one way to write it
    const TrustedKeys anchor{{}, {key().verify_key()}, 1, {}};
    if (open_trust_list(text, anchor)) std::abort(); // nobody signed it
    const auto signed_text = countersign(text, key());
    if (!signed_text) return; // has as many signatures as there may be
    Trust trust{std::vector<VerifyKey>{}};
    if (!open_trust_list(*signed_text, anchor)) std::abort();
    (void)trust.take(*signed_text);
}

void check_anchor(std::string_view text) {
    static const auto folder = [] {
        std::string name = "/tmp/sg-fuzz-keys-XXXXXX";
        if (::mkdtemp(name.data()) == nullptr) std::abort();
        return std::filesystem::path(name);
    }();
    std::ofstream(folder / "keys") << text;
    (void)load_anchor(folder / "keys");
    const auto trusted = load_trusted_keys(folder / "keys", {});
    if (trusted && trusted->keys.empty() && trusted->roots.empty()) std::abort();
}

void check_proof(std::string_view text) {
    const std::vector keys{key().verify_key()};
    if (open_proof(text, keys)) std::abort();
    // Numbers of anybody's choice, signed; again and again.
    static Freshness freshness{Freshness::Clock::time_point{}};
    BeaconProof said;
    if (text.size() >= 2)
        said = {static_cast<std::uint8_t>(text[0]), static_cast<std::uint8_t>(text[1]), 7, {}};
    const auto sealed = seal_proof(said, key());
    const auto read = open_proof(sealed, keys);
    if (!read || read->session != said.session || read->count != said.count) std::abort();
    if (freshness.take(*read, {}) && freshness.take(*read, {})) std::abort(); // a repetition
}

void check_authorized(std::string_view text) {
    const auto keys = AuthorizedKeys::parse(text, "keys");
    if (!keys && keys.error().what.empty()) std::abort();
    if (!keys) return;
    for (const auto& [public_key, entry] : keys->all())
        if (!is_curve_key(public_key) || entry.name.empty()) std::abort();
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
    if (size == 0) return 0;
    const std::string_view text(reinterpret_cast<const char*>(bytes) + 1, size - 1);
    switch (bytes[0] % 4) {
    case 0: check_list(text); break;
    case 1: check_anchor(text); break;
    case 2: check_proof(text); break;
    default: check_authorized(text);
    }
    return 0;
}
