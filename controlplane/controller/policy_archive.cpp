// SPDX-License-Identifier: Apache-2.0
#include "controlplane/controller/policy_archive.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "controlplane/config/document.hpp"
#include "controlplane/controller/number.hpp"
#include "controlplane/wire/store.hpp"

namespace sweepgate::controller {

namespace {

constexpr std::size_t kKept = 100;
constexpr std::string_view kRemembered = "file-as-read";

} // namespace

Result<PolicyArchive> PolicyArchive::open(const std::filesystem::path& state) {
    auto folder = state / "policies";
    std::error_code error;
    std::filesystem::create_directories(folder, error);
    if (error) return fail(Errc::io, folder.string() + ": " + error.message());
    return PolicyArchive(std::move(folder));
}

std::filesystem::path PolicyArchive::path_of(std::uint64_t number) const {
    return folder_ / fmt::format("{:06}.toml", number);
}

std::vector<std::uint64_t> PolicyArchive::numbers() const {
    std::vector<std::uint64_t> numbers;
    std::error_code error;
    const std::filesystem::directory_iterator end_of_folder;
    for (std::filesystem::directory_iterator each(folder_, error); !error && each != end_of_folder;
         each.increment(error)) {
        const auto stem = each->path().stem().string();
        const auto number = number_from(stem);
        if (number && each->path() == path_of(*number)) numbers.push_back(*number);
    }
    std::sort(numbers.begin(), numbers.end());
    return numbers;
}

Result<std::uint64_t> PolicyArchive::file(std::string_view text) {
    const auto held = numbers();
    const auto number = held.empty() ? 1 : held.back() + 1;
    if (auto ok = wire::save(path_of(number), text); !ok) return tl::unexpected(ok.error());
    std::error_code ignored; // an old file that will not go does no harm
    for (std::size_t i = 0; i + kKept <= held.size(); ++i)
        std::filesystem::remove(path_of(held[i]), ignored);
    return number;
}

Status PolicyArchive::withdraw(std::uint64_t number) {
    std::error_code error;
    std::filesystem::remove(path_of(number), error);
    if (error) return fail(Errc::io, path_of(number).string() + ": " + error.message());
    return {};
}

Status PolicyArchive::remember_file(std::string_view text) {
    return wire::save(folder_ / kRemembered, text);
}

std::optional<std::string> PolicyArchive::remembered_file() const {
    auto text = config::read_file(folder_ / kRemembered, kMaxPolicyBytes);
    if (!text) return std::nullopt;
    return std::move(*text);
}

Result<FiledPolicy> PolicyArchive::get(std::uint64_t number) const {
    const auto held = numbers();
    if (!std::binary_search(held.begin(), held.end(), number))
        return fail(Errc::not_found, held.empty()
                                         ? fmt::format("no policy {}: none is filed", number)
                                         : fmt::format("no policy {}: {} to {} are filed", number,
                                                       held.front(), held.back()));
    auto text = config::read_file(path_of(number), kMaxPolicyBytes);
    if (!text) return tl::unexpected(text.error());
    return FiledPolicy{number, std::move(*text)};
}

Result<std::optional<FiledPolicy>> PolicyArchive::current() const {
    const auto held = numbers();
    if (held.empty()) return std::optional<FiledPolicy>{};
    auto newest = get(held.back());
    if (!newest) return tl::unexpected(newest.error());
    return std::optional<FiledPolicy>(std::move(*newest));
}

} // namespace sweepgate::controller
