// SPDX-License-Identifier: Apache-2.0
// Errors travel as values. A code is something a caller can branch on; the text is what the
// operator reads, outermost context first, and it always shows the bad value.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include <tl/expected.hpp>

namespace sweepgate {

enum class Errc : std::uint8_t {
    bad_input,        // a file, option or message says something impossible: fix it and retry
    not_found,        // the thing asked for does not exist
    refused,          // a rule of ours forbids it: wrong key, stale generation, protected address
    stale_generation, // a delta whose base we do not hold: ask for the whole snapshot
    conflict,         // somebody else holds it: a second instance, a changed kernel table
    unavailable,      // the machine lacks it or the peer does not answer: retry later
    io,               // the operating system said no; `what` carries its words
};

struct Error {
    Errc code = Errc::bad_input;
    std::string what;
};

template <typename T>
using Result = tl::expected<T, Error>;
using Status = Result<void>;

[[nodiscard]] inline tl::unexpected<Error> fail(Errc code, std::string what) {
    return tl::unexpected<Error>(Error{code, std::move(what)});
}

/// Adds context in front: within("policy.toml: line 4", e) reads "policy.toml: line 4: <e>".
[[nodiscard]] inline tl::unexpected<Error> within(std::string_view context, Error error) {
    error.what.insert(0, ": ").insert(0, context);
    return tl::unexpected<Error>(std::move(error));
}

/// The text of an errno value, thread-safe.
[[nodiscard]] std::string errno_text(int number);

[[nodiscard]] std::string_view to_string(Errc code);

} // namespace sweepgate
