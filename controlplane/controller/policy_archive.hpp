// SPDX-License-Identifier: Apache-2.0
// Every policy that was ever in force, with who put it there, from which file and why, and the
// prefix lists that it used. The highest number is in force. Going back to an older one means
// filing its text again, so the numbers tell the whole story.
//
//   <state>/policies/000017.toml   the text
//                    000017.json   the rest, and the text once more: either of the two may be lost
//                    in-force      number and digest of the one in force
//                    file-as-read  the configured policy file when it was last taken over
//   <state>/lists/DIGEST           a prefix list's text, once however many policies used it
//
// Kept are the newest kKept that people made and the newest kKeptByMachine that only changed lists.
// Version 0.1 wrote the *.toml and file-as-read alone; both are read, and completed when the next
// is filed.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "controlplane/model/result.hpp"
#include "controlplane/model/snapshot.hpp"
#include "controlplane/policy/policy.hpp"

namespace sweepgate::controller {

inline constexpr std::size_t kMaxPolicyBytes = std::size_t{8} << 20U; // of one policy file
inline constexpr std::size_t kMaxPolicyMessage = 400;                 // bytes
inline constexpr std::size_t kMaxPolicyFile = 200;

/// What put a policy in force.
enum class FiledBy : std::uint8_t {
    unknown,  // version 0.1 filed it
    start,    // the configured file, when there was no other
    push,     // a person
    rollback, // a person
    file,     // the configured file, changed, at a reload
    lists,    // its lists have changed, at a reload or start; the text has not
};
[[nodiscard]] std::string_view to_string(FiledBy cause);

struct PolicyNote {
    FiledBy cause = FiledBy::unknown;
    std::string author;        // a key's name, "local"; empty: nobody
    std::string file;          // as it was typed; empty: unknown
    std::string message;       // why; may be empty
    std::uint64_t back_to = 0; // of a rollback: the number whose text this is again
};

struct FiledList {
    std::string name;
    std::string format; // list_format_from()
    std::string digest; // of the text that was used
    std::string seen;   // of the file that lay in the folder then: what a reload need not look at
    std::size_t bytes = 0;
};

struct FiledPolicy {
    std::uint64_t number = 0;
    std::string text;
    std::string digest; // of the text
    Instant time{};
    PolicyNote note;
    std::vector<FiledList> lists; // sorted by name

    /// Text and used lists are equal.
    [[nodiscard]] bool same_as(const FiledPolicy& other) const;
};

/// 32 hex digits of BLAKE2b.
[[nodiscard]] std::string text_digest(std::string_view text);

/// A list as used with what lay in the folder; an empty `seen` means the same.
struct ListToFile {
    UsedList used;
    std::string seen;
};

class PolicyArchive {
public:
    /// Makes the folders, when they can be made.
    static Result<PolicyArchive> open(const std::filesystem::path& state);

    /// Files under the next number, on disk before it returns; that one is then in force.
    /// Errors: io, and nothing has changed.
    Result<std::uint64_t> file(std::string_view text, const PolicyNote& note = {},
                               const std::vector<ListToFile>& lists = {}, Instant time = {});
    /// The one in force, from whichever copy is whole; nothing before the first.
    /// Errors: io when one was filed and no copy of it is whole. An older one is never taken.
    [[nodiscard]] Result<std::optional<FiledPolicy>> current() const;
    /// What current() had to mend or do without, a line each.
    [[nodiscard]] std::vector<std::string> damage() const;
    /// Errors: not_found naming the number and what there is.
    [[nodiscard]] Result<FiledPolicy> get(std::uint64_t number) const;
    /// Where a rollback from the one in force leads: the newest before it, or before the one it is
    /// itself a return to, that a person made and that is not equal to it. Errors: not_found.
    [[nodiscard]] Result<FiledPolicy> before(const FiledPolicy& current) const;
    /// The newest first, without texts.
    [[nodiscard]] std::vector<FiledPolicy> newest(std::size_t most) const;
    /// Errors: not_found, io.
    [[nodiscard]] Result<std::string> list_text(const FiledList& list) const;
    /// Takes the newest back, as if it had never been filed. Errors: io.
    Status withdraw(std::uint64_t number);

    /// The text of the configured policy file when it was last taken over: a reload must not undo
    /// what was pushed since unless that file itself has changed. Errors: io.
    Status remember_file(std::string_view text);
    [[nodiscard]] std::optional<std::string> remembered_file() const;
    /// Ascending.
    [[nodiscard]] std::vector<std::uint64_t> numbers() const;

private:
    struct InForce {
        std::uint64_t number = 0;
        std::string digest;
    };
    explicit PolicyArchive(const std::filesystem::path& state)
        : folder_(state / "policies"), lists_(state / "lists") {}
    Status make_folders();
    [[nodiscard]] std::filesystem::path text_of(std::uint64_t number) const;
    [[nodiscard]] std::filesystem::path note_of(std::uint64_t number) const;
    [[nodiscard]] std::optional<InForce> in_force() const;
    Status set_in_force(const InForce& now);
    Status file_lists(const std::vector<ListToFile>& lists, FiledPolicy& policy);
    void forget_old();
    void forget(std::uint64_t number);

    std::filesystem::path folder_;
    std::filesystem::path lists_;
};

} // namespace sweepgate::controller
