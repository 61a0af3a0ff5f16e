// SPDX-License-Identifier: Apache-2.0
// Internal to this station: what a gate holds, on disk before it is enforced, so that no death of
// the program or of the machine brings back anything older. A file holds a chain (envelope.hpp);
// one link more is appended to it, which is torn at worst in that link: intact_front() is what was
// enforced. Beside it lies the file that the last whole chain took the place of.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "controlplane/model/result.hpp"

namespace sweepgate::wire {

class LastGood {
public:
    /// An empty path: nothing is kept, and every call is good.
    explicit LastGood(std::filesystem::path path) : path_(std::move(path)) {}

    [[nodiscard]] const std::filesystem::path& path() const { return path_; }

    /// Makes `chain` what a start finds. Where `held` is what the file has and the front of
    /// `chain`, only the rest is written. Errors: io; then the file is what it was.
    Status keep(std::string_view chain, std::string_view held);
    /// The gate does not take what was kept last: the file becomes what it was before. Errors: io.
    Status take_back();

private:
    enum class Last : std::uint8_t { nothing, whole, link };
    Status append(std::string_view link);

    std::filesystem::path path_;
    std::size_t size_ = 0; // of the file as we wrote it; 0: not by us
    std::size_t size_before_ = 0;
    Last last_ = Last::nothing;
};

} // namespace sweepgate::wire
