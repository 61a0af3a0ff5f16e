// SPDX-License-Identifier: Apache-2.0
#include "controlplane/controller/restored.hpp"

#include <algorithm>
#include <chrono>

#include <fmt/chrono.h>
#include <nlohmann/json.hpp>

#include "controlplane/controller/gate_alarms.hpp"
#include "controlplane/model/regular_file.hpp"
#include "controlplane/wire/trust_list.hpp"

namespace sweepgate::controller {

using nlohmann::json;

namespace {

constexpr std::size_t kMaxMark = 4096;
constexpr Generation kPastTheBackup = 1000;
constexpr std::int64_t kMostTime = 253'402'300'799;                    // the year 9999
constexpr std::int64_t kMostSeconds = std::int64_t{10} * 366 * 86'400; // between the two times

std::int64_t seconds(Instant instant) { return instant.time_since_epoch().count(); }

} // namespace

Generation Restored::bound() const {
    const auto between =
        std::clamp<std::int64_t>(seconds(restored) - seconds(made), 0, kMostSeconds);
    const auto epoch = newest - newest % wire::kEpochSpan; // its first number
    return epoch + std::min(newest % wire::kEpochSpan, kMostFollowed) + kPastTheBackup +
           static_cast<Generation>(between);
}

std::string time_text(Instant instant) {
    return fmt::format("{:%Y-%m-%dT%H:%M:%SZ}", fmt::gmtime(instant.time_since_epoch().count()));
}

std::filesystem::path restored_mark(const std::filesystem::path& state) {
    return state / "restored.json";
}

std::string to_text(const Restored& restored) {
    return json{{"made", seconds(restored.made)},
                {"restored", seconds(restored.restored)},
                {"newest", restored.newest}}
               .dump() +
           "\n";
}

Result<std::optional<Restored>> load_restored(const std::filesystem::path& state) {
    const auto path = restored_mark(state);
    const auto text = read_regular_file(path, kMaxMark);
    if (!text && text.error().code == Errc::not_found) return std::optional<Restored>{};
    if (!text) return tl::unexpected(text.error());
    const auto mark = json::parse(*text, nullptr, false);
    const auto number = [&](const char* key,
                            std::int64_t most = kMostTime) -> std::optional<std::int64_t> {
        if (!mark.is_object() || !mark.contains(key) || !mark[key].is_number_integer()) return {};
        const auto value = mark[key].get<std::int64_t>();
        return value < 0 || value > most ? std::nullopt : std::optional(value);
    };
    const auto made = number("made");
    const auto restored = number("restored");
    const auto newest =
        number("newest", static_cast<std::int64_t>(wire::last_of(wire::kMostEpoch)));
    if (!made || !restored || !newest) return fail(Errc::bad_input, path.string() + ": damaged");
    return Restored{Instant(std::chrono::seconds(*made)), Instant(std::chrono::seconds(*restored)),
                    static_cast<Generation>(*newest)};
}

} // namespace sweepgate::controller
