// SPDX-License-Identifier: Apache-2.0
// Which signing keys this box trusts now: those of its file and of the newest trust list
// (trust_list.hpp) that it was given, less the retired ones. The file is read again when it
// changes, and decides whether the list still holds.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "controlplane/wire/trust_list.hpp"

namespace sweepgate::wire {

class Trust {
public:
    struct Files {
        std::filesystem::path keys; // load_trusted_keys(); empty: `fixed` keys are all there are
        std::filesystem::path copy; // of them
        std::filesystem::path list; // where the list is kept; empty: nowhere
    };

    /// These, with no file behind them.
    explicit Trust(std::vector<VerifyKey> fixed);
    /// A kept list that does not open any more is left out and told by fault().
    /// Errors: those of load_trusted_keys().
    static Result<Trust> open(Files files);

    /// Reads the file of keys again if it is another one than last time. Where it cannot be read,
    /// what is trusted stays. True when other keys are trusted than before.
    bool look();
    /// A list from upstream: kept, then in force. False for the one held already. Errors: those of
    /// open_trust_list(); conflict for an older version or the same one with other content.
    Result<bool> take(std::string text);

    [[nodiscard]] const std::vector<VerifyKey>& keys() const { return keys_; }
    /// Those and the retired ones: what was in force when it was saved stays so over a start.
    [[nodiscard]] std::vector<VerifyKey> keys_of_the_past() const;
    /// Beyond it nobody publishes in this epoch.
    [[nodiscard]] Generation most_generation() const { return last_of(list_ ? list_->epoch : 0); }
    [[nodiscard]] std::uint64_t version() const { return list_ ? list_->version : 0; }
    /// It waits for a list of a root key.
    [[nodiscard]] bool is_rooted() const { return !anchor_.roots.empty(); }
    /// The list as it came; empty without one.
    [[nodiscard]] const std::string& text() const { return text_; }
    /// What is wrong with the file or the list; empty: nothing.
    [[nodiscard]] const std::vector<std::string>& faults() const { return faults_; }

private:
    struct Stamp { // of a file, to see that it is another one
        std::uint64_t inode = 0;
        std::int64_t size = -1;
        std::int64_t seconds = 0;
        std::int64_t nanoseconds = 0;
        friend bool operator==(const Stamp&, const Stamp&) = default;
    };
    [[nodiscard]] static Stamp stamp_of(const std::filesystem::path& path);
    Status read_anchor();
    void settle();

    Files files_;
    Stamp stamp_;
    TrustedKeys anchor_;
    std::optional<TrustList> list_;
    std::string text_;
    std::vector<VerifyKey> keys_;
    std::string list_fault_;
    std::vector<std::string> faults_;
};

} // namespace sweepgate::wire
