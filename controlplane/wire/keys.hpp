// SPDX-License-Identifier: Apache-2.0
// The kinds of keys and who may connect.
//
//   CURVE pair    protects one hop (CurveZMQ, RFC 26); identifies a peer on tcp:// endpoints
//   signing key   Ed25519, the controller's only; what a gate trusts, whoever relayed it
//   root key      Ed25519, kept off every network; says which signing keys there are
//
// Key files are one line of text. Secret ones are written with mode 0600, never over an existing
// file, and are refused when group or others can read them. `save(keys, "server")` writes
// "server" and, readable by all, "server.pub":
//
//   sweepgate-curve-secret <public, Z85> <secret, Z85>     sweepgate-curve-public <Z85>
//   sweepgate-signing-secret <128 hex digits>              sweepgate-signing-public <64 hex digits>
//   sweepgate-root-secret <128 hex digits>                 sweepgate-root-public <64 hex digits>
#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "controlplane/model/result.hpp"

namespace sweepgate::wire {

inline constexpr std::size_t kZ85Length = 40;

struct CurveKeys { // Z85, 40 characters each
    std::string public_key;
    std::string secret_key;
};

/// What a client needs for a tcp:// endpoint: its own pair and the server's pinned public key.
struct CurveClient {
    CurveKeys own;
    std::string server_key; // Z85
};

/// First 8 bytes of BLAKE2b-256 of the public key.
using KeyId = std::array<std::uint8_t, 8>;

struct VerifyKey {
    std::array<std::uint8_t, 32> bytes{};

    friend bool operator==(const VerifyKey&, const VerifyKey&) = default;
    [[nodiscard]] KeyId id() const;
};

/// Wipes itself.
class SigningKey {
public:
    static constexpr std::size_t kBytes = 64; // libsodium's form: seed, then public key

    static SigningKey generate();
    /// Errors: bad_input when `secret` is not 64 bytes or its halves do not belong together.
    static Result<SigningKey> from_bytes(std::span<const std::uint8_t> secret);
    SigningKey(const SigningKey&) = default;
    SigningKey& operator=(const SigningKey&) = default;
    ~SigningKey();

    [[nodiscard]] VerifyKey verify_key() const;
    [[nodiscard]] std::array<std::uint8_t, 64> sign(std::span<const std::uint8_t> message) const;
    [[nodiscard]] const std::array<std::uint8_t, kBytes>& bytes() const { return secret_; }

private:
    SigningKey() = default;
    std::array<std::uint8_t, kBytes> secret_{};
};

[[nodiscard]] CurveKeys generate_curve_keys();
/// 40 characters of the Z85 alphabet that stand for 32 bytes.
[[nodiscard]] bool is_curve_key(std::string_view z85);

/// Write `path` and `path`.pub. Errors: conflict when one exists, io naming the path.
[[nodiscard]] Status save(const CurveKeys& keys, const std::filesystem::path& path);
[[nodiscard]] Status save(const SigningKey& key, const std::filesystem::path& path);
/// One of the same kind that signs lists of signing keys and is kept where no network is.
[[nodiscard]] Status save_root(const SigningKey& key, const std::filesystem::path& path);

/// Errors: io, refused (mode too open), bad_input; each names the path, never the key.
[[nodiscard]] Result<CurveKeys> load_curve_keys(const std::filesystem::path& path);
[[nodiscard]] Result<SigningKey> load_signing_key(const std::filesystem::path& path);
[[nodiscard]] Result<SigningKey> load_root_key(const std::filesystem::path& path);
[[nodiscard]] Result<std::string> load_curve_public_key(const std::filesystem::path& path);
[[nodiscard]] Result<CurveClient> load_curve_client(const std::filesystem::path& own,
                                                    const std::filesystem::path& server);
/// What a box trusts before anybody tells it more: lines of
///
///     sweepgate-signing-public <64 hex digits>     may sign snapshots; several during a rotation
///     sweepgate-root-public <64 hex digits>        may sign lists of signing keys (trust_list.hpp)
///     sweepgate-root-threshold <1..9>              so many of the root keys together; 1 when
///     absent
struct TrustedKeys {
    std::vector<VerifyKey> keys;
    std::vector<VerifyKey> roots;
    std::size_t threshold = 1;
    std::vector<std::string> faults; // what was told of the file, a line each
};
/// Strict. Errors: io, bad_input naming the line.
[[nodiscard]] Result<TrustedKeys> load_anchor(const std::filesystem::path& path);
/// Its signing keys; at least one.
[[nodiscard]] Result<std::vector<VerifyKey>> load_verify_keys(const std::filesystem::path& path);

/// The same for a daemon: a bad line costs that line; where the whole file is missing, unreadable
/// or without a key, `copy` is read, in which the last good keys were left. A key that a file no
/// longer lists is never taken from the copy. Errors: those of load_anchor() when there is no copy
/// either.
[[nodiscard]] Result<TrustedKeys> load_trusted_keys(const std::filesystem::path& path,
                                                    const std::filesystem::path& copy);

/// A line of the first or second kind, without its end.
[[nodiscard]] std::string to_line(const VerifyKey& key);
[[nodiscard]] std::string to_root_line(const VerifyKey& key);
/// To be told by a person: the key's id in hex.
[[nodiscard]] std::string fingerprint(const VerifyKey& key);

/// What a peer may do.
enum class Role : std::uint8_t {
    local = 1,  // came over ipc://, guarded by folder permissions: everything
    gate = 2,   // fetch; acknowledge and report for names "<own name>" and "<own name>/..."
    relay = 3,  // a gate that also speaks for the gates behind it
    viewer = 4, // admin verbs that only read
    admin = 5,  // every admin verb
};

[[nodiscard]] std::string_view to_string(Role role);

/// Of a CURVE public key in Z85: the first 8 bytes of its BLAKE2b-256 in hex, to be told by a
/// person over the phone. The key itself is no secret, but 40 characters of all kinds.
[[nodiscard]] std::string fingerprint(std::string_view public_key);

struct AuthorizedKey {
    Role role = Role::gate;
    std::string name; // of the appliance or person; several keys may share it (rotation)
    std::string public_key;

    friend bool operator==(const AuthorizedKey&, const AuthorizedKey&) = default;
};

/// The allow-list of CURVE public keys, an immutable value: a reload builds a new one and swaps.
///
///     # role  name      public key
///     gate    branch7   rq:rM>}U?@Lns47E1%kR.o@n%FcmmsL/@{H8]yf7
///     admin   alice     sweepgate-curve-public Yne@$w-vo<fVvi]a<NY6T1ed:M$fCG*[IaLV{hID
///
/// The second form is a role, a name and what stands in a .pub file, in this order or the other.
/// roles gate | relay | admin | viewer; names [A-Za-z0-9._-]{1,64}. A comment is a line that
/// starts with '#' or what follows a '#' standing alone (a key may start with '#').
class AuthorizedKeys {
public:
    AuthorizedKeys() = default; // nobody
    /// A bad line costs that line and is told by faults(). Where the file is missing or cannot be
    /// read, `copy` is, to which the text of each good reading is saved; an empty path: none.
    /// Errors: io when there is no copy either. At most 1 MiB.
    static Result<AuthorizedKeys> load(const std::filesystem::path& path,
                                       const std::filesystem::path& copy = {});
    /// Strict. `name` stands for the file. Errors: bad_input, all faults.
    static Result<AuthorizedKeys> parse(std::string_view text, std::string_view name);

    [[nodiscard]] const AuthorizedKey* find(std::string_view public_key) const;
    /// "authorized_keys:3: unknown role 'gat', expected ...": the lines that count for nothing.
    [[nodiscard]] const std::vector<std::string>& faults() const { return faults_; }
    [[nodiscard]] std::size_t size() const { return keys_.size(); }
    [[nodiscard]] const std::map<std::string, AuthorizedKey, std::less<>>& all() const {
        return keys_;
    }

private:
    static AuthorizedKeys read(std::string_view text, std::string_view name);
    std::map<std::string, AuthorizedKey, std::less<>> keys_; // by public key
    std::vector<std::string> faults_;
};

} // namespace sweepgate::wire
