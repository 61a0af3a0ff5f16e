// SPDX-License-Identifier: Apache-2.0
// Loading and describing a filter. No exception crosses the border: each function catches its own.
#include <algorithm>
#include <array>
#include <chrono>
#include <cstring>
#include <exception>
#include <memory>
#include <mutex>
#include <new>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "controlplane/wire/envelope.hpp"
#include "controlplane/wire/store.hpp"
#include "dataplane/capi/handle.hpp"
#include "dataplane/filter/screen.hpp"

using namespace sweepgate;

// Sizes that callers have been compiled with. They may grow at their end, never shrink or shift.
static_assert(sizeof(sgf_source) == 64 && offsetof(sgf_source, schedules_at) == 56);
static_assert(sizeof(sgf_description) == 80 && offsetof(sgf_description, schedules_until) == 72);

namespace {

/// Of the version 0.1: what the oldest caller has.
constexpr std::size_t kFirstSource = 56;
constexpr std::size_t kFirstDescription = 72;
constexpr std::size_t kMostKeys = 1024;
constexpr std::int64_t kLatest =
    9'000'000'000; // in the year 2255; beyond 2262 nanoseconds overflow

int status_of(Errc code) {
    switch (code) {
    case Errc::not_found: return SGF_NOT_FOUND;
    case Errc::refused: return SGF_REFUSED;
    case Errc::io: return SGF_IO;
    case Errc::unavailable: return SGF_NO_MEMORY; // what compiling says of missing memory
    case Errc::bad_input:
    case Errc::stale_generation:
    case Errc::conflict: break;
    }
    return SGF_BAD_SNAPSHOT;
}

int report(int status, std::string_view what, char* error, std::size_t room) {
    if (error == nullptr || room == 0) return status;
    const auto length = std::min(what.size(), room - 1);
    std::memcpy(error, what.data(), length);
    error[length] = '\0';
    return status;
}

/// Copies what the caller filled in; what we know and the caller does not stays zero.
/// SGF_UNSUPPORTED when the caller filled in something that we do not know.
int take(const sgf_source& given, sgf_source& source) {
    if (given.size < kFirstSource) return SGF_BAD_ARGUMENT;
    const auto* bytes = reinterpret_cast<const char*>(&given);
    for (std::size_t i = sizeof source; i < given.size; ++i)
        if (bytes[i] != 0) return SGF_UNSUPPORTED;
    std::memcpy(&source, bytes, std::min(given.size, sizeof source));
    return SGF_OK;
}

/// What is wrong with the call, or nothing.
std::string_view fault_of(const sgf_source& source) {
    if ((source.snapshot_file == nullptr) == (source.snapshot == nullptr))
        return "give either snapshot_file or snapshot";
    if ((source.keys_file == nullptr) == (source.keys == nullptr))
        return "give either keys_file or keys: nothing unsigned is loaded";
    if (source.keys != nullptr && (source.key_count == 0 || source.key_count > kMostKeys))
        return "key_count must be 1..1024";
    if (source.schedules_at < 0 || source.schedules_at > kLatest)
        return "schedules_at must be 0 or a time before the year 2255";
    return {};
}

Result<std::vector<wire::VerifyKey>> keys_of(const sgf_source& source) {
    if (source.keys_file != nullptr) return wire::load_verify_keys(source.keys_file);
    std::vector<wire::VerifyKey> keys(source.key_count);
    for (std::size_t i = 0; i < keys.size(); ++i)
        std::memcpy(keys[i].bytes.data(), source.keys + 32 * i, 32);
    return keys;
}

Result<Snapshot> snapshot_of(const sgf_source& source) {
    const auto keys = keys_of(source);
    if (!keys) return tl::unexpected(keys.error());
    if (source.snapshot_file != nullptr) return wire::load_snapshot(source.snapshot_file, *keys);
    const std::string_view bytes(static_cast<const char*>(source.snapshot), source.snapshot_bytes);
    return wire::open_chain(bytes, *keys);
}

std::chrono::sys_seconds time_of(const sgf_source& source) {
    using std::chrono::seconds;
    if (source.schedules_at != 0) return std::chrono::sys_seconds(seconds(source.schedules_at));
    return std::chrono::floor<seconds>(std::chrono::system_clock::now());
}

/// When other schedules are in force than at `now`, or 0.
std::int64_t end_of_schedules(const Ruleset& rules, std::chrono::sys_seconds now) {
    const auto minutes = minutes_until_change(rules, civil_times_at(now));
    if (!minutes) return 0;
    const auto change =
        std::chrono::floor<std::chrono::minutes>(now) + std::chrono::minutes(*minutes);
    return std::chrono::sys_seconds(change).time_since_epoch().count();
}

/// Memory of filters that were freed, for those that are loaded next. Giving it back to the system
/// would stop every core of the application for a moment (a TLB shootdown), while one filter
/// follows the other. Two: what is in force, and what comes next.
class SpareArenas {
public:
    std::shared_ptr<filter::Arena> take() {
        const std::lock_guard lock(mutex_);
        for (auto& arena : spare_)
            if (arena) return std::exchange(arena, nullptr);
        return std::make_shared<filter::Arena>();
    }
    /// Nobody else has it any more.
    void give(std::shared_ptr<filter::Arena> arena) {
        const std::lock_guard lock(mutex_);
        for (auto& place : spare_)
            if (!place) return place.swap(arena);
    }

private:
    std::mutex mutex_;
    std::array<std::shared_ptr<filter::Arena>, 2> spare_;
};
SpareArenas spare_arenas;

Result<sgf_filter*> make(const sgf_source& source) {
    const auto snapshot = snapshot_of(source);
    if (!snapshot) return tl::unexpected(snapshot.error());
    const auto& rules = snapshot->rules;
    const auto now = time_of(source);
    auto arena = spare_arenas.take();
    auto tables =
        filter::Tables::compile(*snapshot, arena, schedules_at(rules, civil_times_at(now)));
    if (!tables) {
        spare_arenas.give(std::move(arena));
        return tl::unexpected(tables.error());
    }
    (void)filter::screens(); // chooses for this processor: judging then finds it chosen
    return new sgf_filter{std::move(arena), std::move(*tables), digest_of(*snapshot),
                          end_of_schedules(rules, now)};
}

const System* system_of(const sgf_filter* filter, std::uint16_t system) {
    if (filter == nullptr || system >= filter->tables->systems().size()) return nullptr;
    return &filter->tables->systems()[system];
}

} // namespace

extern "C" {

std::uint32_t sgf_version(void) { return SGF_VERSION; }

int sgf_load(const sgf_source* given, sgf_filter** filter, char* error, std::size_t error_bytes) {
    const auto fault = [&](int status, std::string_view what) {
        return report(status, what, error, error_bytes);
    };
    if (filter == nullptr) return fault(SGF_BAD_ARGUMENT, "filter is NULL");
    *filter = nullptr;
    if (given == nullptr) return fault(SGF_BAD_ARGUMENT, "source is NULL");
    try {
        sgf_source source{};
        const auto taken = take(*given, source);
        if (taken == SGF_BAD_ARGUMENT)
            return fault(taken, "source.size is too small: " + std::to_string(given->size));
        if (taken != SGF_OK)
            return fault(taken, "source asks for what libsweepgate-filter " SGF_VERSION_TEXT
                                " does not know");
        if (const auto wrong = fault_of(source); !wrong.empty())
            return fault(SGF_BAD_ARGUMENT, wrong);
        const auto made = make(source);
        if (!made) return fault(status_of(made.error().code), made.error().what);
        *filter = *made;
        return SGF_OK;
    } catch (const std::bad_alloc&) {
        return fault(SGF_NO_MEMORY, "no memory for the tables");
    } catch (const std::exception& exception) {
        return fault(SGF_BAD_SNAPSHOT, exception.what());
    } catch (...) {
        return fault(SGF_BAD_SNAPSHOT, "an unknown exception");
    }
}

void sgf_free(sgf_filter* filter) {
    if (filter == nullptr) return;
    auto arena = std::move(filter->arena);
    delete filter;
    spare_arenas.give(std::move(arena));
}

int sgf_describe(const sgf_filter* filter, sgf_description* description) {
    if (filter == nullptr || description == nullptr || description->size < kFirstDescription)
        return SGF_BAD_ARGUMENT;
    const auto& tables = *filter->tables;
    sgf_description known{};
    known.size = std::min(description->size, sizeof known);
    known.generation = tables.generation();
    std::copy(filter->digest.begin(), filter->digest.end(), known.digest);
    known.expires_at = tables.expires_at().time_since_epoch().count();
    known.bytes = tables.memory_bytes();
    known.systems = static_cast<std::uint32_t>(tables.systems().size());
    known.schedules_until = filter->schedules_until;
    std::memcpy(description, &known, known.size);
    return SGF_OK;
}

const char* sgf_system_id(const sgf_filter* filter, std::uint16_t system) {
    const auto* found = system_of(filter, system);
    return found != nullptr ? found->id.c_str() : nullptr;
}

const char* sgf_system_name(const sgf_filter* filter, std::uint16_t system) {
    const auto* found = system_of(filter, system);
    return found != nullptr ? found->name.c_str() : nullptr;
}

std::uint32_t sgf_system_rate(const sgf_filter* filter, std::uint16_t system) {
    const auto* found = system_of(filter, system);
    return found != nullptr ? found->packets_per_second : 0;
}

} // extern "C"
