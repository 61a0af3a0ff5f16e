// SPDX-License-Identifier: Apache-2.0
#include <cstring>
#include <filesystem>
#include <fstream>

#include "controlplane/wire/store.hpp"
#include "dataplane/filter/arena.hpp"

#include "tests/unit/capi/loaded.hpp"
#include "tests/unit/filter/packet.hpp"
#include "tests/unit/filter/snapshots.hpp"

#include <CppUTest/TestHarness.h>

using namespace sweepgate;
using namespace sweepgate::capi;
using filter::snapshot_of;

TEST_GROUP(VendorsLoading) {
    const wire::SigningKey key = wire::SigningKey::generate();
    const wire::VerifyKey verify = key.verify_key();
    const Snapshot snapshot = snapshot_of({{"203.0.113.0/24", 0}});
    const std::string sealed = wire::seal_snapshot(snapshot, key).value();
    std::string folder;

    void setup() override {
        std::string name = (std::filesystem::temp_directory_path() / "sg-capi-XXXXXX").string();
        folder = mkdtemp(name.data());
    }
    void teardown() override { std::filesystem::remove_all(folder); }

    sgf_source files() {
        sgf_source source = SGF_SOURCE_INIT;
        static std::string snapshot_path, keys_path; // outlive the source
        snapshot_path = folder + "/snapshot";
        keys_path = folder + "/key.pub";
        source.snapshot_file = snapshot_path.c_str();
        source.keys_file = keys_path.c_str();
        return source;
    }
};

TEST(VendorsLoading, TakesFilesAsTheAgentKeepsThem) {
    CHECK_TRUE(wire::save(key, folder + "/key").has_value());
    CHECK_TRUE(wire::save(folder + "/snapshot", sealed).has_value());
    const auto loaded = load(files());
    STRCMP_EQUAL("", loaded.error.c_str());
    CHECK_EQUAL(SGF_OK, loaded.status);
    CHECK_TRUE(loaded.filter != nullptr);
}

/// Unmapping one while the others forward stops every core.
TEST(VendorsLoading, MapsNothingAnewForTheNextFilter) {
    const auto mappings = [] {
        std::uint64_t bytes = 0;
        std::ifstream maps("/proc/self/maps");
        for (std::string line; std::getline(maps, line);) {
            const auto dash = line.find('-');
            const auto first = std::stoull(line, nullptr, 16);
            const auto behind = std::stoull(line.substr(dash + 1), nullptr, 16);
            if (behind - first >= filter::Arena::kReserved) bytes += behind - first;
        }
        return bytes;
    };
    auto before = load(source_of(sealed, verify));
    auto next = load(source_of(sealed, verify)); // the two that a swap has for a moment
    const auto both = mappings();
    // A sanitizer maps and unmaps small pieces of its own in between.
    const auto as_before = [&] {
        const auto now = mappings();
        return (now > both ? now - both : both - now) < filter::Arena::kReserved / 2;
    };
    for (int i = 0; i < 5; ++i) {
        before = std::move(next);
        CHECK_TRUE(as_before());
        next = load(source_of(sealed, verify));
        CHECK_TRUE(as_before());
    }
}

TEST(VendorsLoading, AppliesTheDeltasBehindTheSnapshot) {
    auto next = snapshot_of({{"198.51.100.0/24", 1}});
    next.generation = snapshot.generation + 1;
    const auto chain = sealed + wire::seal_delta(diff(snapshot, next), key).value();
    const auto loaded = load(source_of(chain, verify));
    sgf_description about{};
    about.size = sizeof about;
    CHECK_EQUAL(SGF_OK, sgf_describe(loaded.filter.get(), &about));
    UNSIGNED_LONGS_EQUAL(next.generation, about.generation);
}

TEST(VendorsLoading, NamesAFileThatIsNotThere) {
    CHECK_TRUE(wire::save(key, folder + "/key").has_value());
    const auto loaded = load(files());
    CHECK_EQUAL(SGF_NOT_FOUND, loaded.status);
    CHECK_TRUE(loaded.says(folder + "/snapshot"));
    CHECK_TRUE(loaded.filter == nullptr);
}

TEST(VendorsLoading, NamesTheFileThatEndsTooEarly) {
    CHECK_TRUE(wire::save(key, folder + "/key").has_value());
    CHECK_TRUE(wire::save(folder + "/snapshot", sealed.substr(0, 50)).has_value());
    const auto loaded = load(files());
    CHECK_EQUAL(SGF_BAD_SNAPSHOT, loaded.status);
    CHECK_TRUE(loaded.says(folder + "/snapshot"));
}

TEST(VendorsLoading, RefusesAKeyThatDidNotSign) {
    const auto loaded = load(source_of(sealed, wire::SigningKey::generate().verify_key()));
    CHECK_EQUAL(SGF_REFUSED, loaded.status);
    CHECK_TRUE(loaded.says("key"));
}

TEST(VendorsLoading, RefusesASnapshotCutAnywhere) {
    for (std::size_t length = 0; length < sealed.size(); ++length) {
        const auto loaded = load(source_of(sealed.substr(0, length), verify));
        CHECK_TRUE(loaded.status == SGF_BAD_SNAPSHOT || loaded.status == SGF_REFUSED);
        CHECK_TRUE(loaded.filter == nullptr && !loaded.error.empty());
    }
}

TEST(VendorsLoading, AsksForOneSnapshotAndOneKindOfKey) {
    auto source = source_of(sealed, verify);
    source.snapshot_file = "/nowhere";
    CHECK_EQUAL(SGF_BAD_ARGUMENT, load(source).status);
    source.snapshot_file = nullptr;
    source.keys_file = "/nowhere";
    CHECK_EQUAL(SGF_BAD_ARGUMENT, load(source).status);
    source.keys_file = nullptr;
    source.keys = nullptr;
    CHECK_TRUE(load(source).says("keys"));
    source.keys = verify.bytes.data();
    source.key_count = 0;
    CHECK_EQUAL(SGF_BAD_ARGUMENT, load(source).status);
    CHECK_EQUAL(SGF_BAD_ARGUMENT, load(SGF_SOURCE_INIT).status);
}

TEST(VendorsLoading, SurvivesNullForEverything) {
    sgf_filter* filter = nullptr;
    CHECK_EQUAL(SGF_BAD_ARGUMENT, sgf_load(nullptr, &filter, nullptr, 0));
    const auto source = source_of(sealed, verify);
    CHECK_EQUAL(SGF_BAD_ARGUMENT, sgf_load(&source, nullptr, nullptr, 0));
    sgf_free(nullptr);
    CHECK_EQUAL(SGF_BAD_ARGUMENT, sgf_describe(nullptr, nullptr));
    CHECK_TRUE(sgf_system_id(nullptr, 0) == nullptr);
}

TEST(VendorsLoading, CutsAnErrorToItsRoom) {
    std::array<char, 8> error;
    error.fill('x');
    sgf_filter* filter = nullptr;
    const auto source = source_of("no snapshot at all", verify);
    CHECK_EQUAL(SGF_BAD_SNAPSHOT, sgf_load(&source, &filter, error.data(), error.size()));
    UNSIGNED_LONGS_EQUAL(7, std::strlen(error.data()));
}

TEST(VendorsLoading, TakesAStructThatHasGrownByZeros) {
    struct {
        sgf_source source;
        std::uint64_t later;
    } grown{source_of(sealed, verify), 0};
    grown.source.size = sizeof grown;
    CHECK_EQUAL(SGF_OK, load(grown.source).status);
    grown.later = 1;
    const auto loaded = load(grown.source);
    CHECK_EQUAL(SGF_UNSUPPORTED, loaded.status);
    CHECK_TRUE(loaded.says("0.3.0"));
    grown.source.size = offsetof(sgf_source, schedules_at) - 1; // less than version 0.1 had
    CHECK_EQUAL(SGF_BAD_ARGUMENT, load(grown.source).status);
}

TEST(VendorsLoading, JudgesByTheSchedulesOfAnHourAndSaysWhenTheyEnd) {
    auto timed = snapshot;
    const std::vector<std::optional<Action>> unchanged(4);
    Schedule lunch{"lunch", 1, 720, 780, Clock::utc, {unchanged, unchanged}};
    lunch.actions[0][0] = Action::pass;
    timed.rules.schedules = {lunch};
    const auto bytes = wire::seal_snapshot(timed, key).value();
    auto source = source_of(bytes, verify);
    const auto frame = filter::packet().ipv4("192.0.2.1", "203.0.113.1").udp(1, 2).bytes();
    const sgf_frame packet{frame.data(), static_cast<std::uint32_t>(frame.size()),
                           static_cast<std::uint32_t>(frame.size())};
    constexpr std::int64_t kNoon = 1'774'872'000; // Monday, 2026-03-30 12:00 UTC
    const auto expect = [&](std::int64_t at, std::uint64_t hits, std::int64_t until) {
        source.schedules_at = at;
        const auto loaded = load(source);
        CHECK_EQUAL(SGF_OK, loaded.status);
        sgf_judgement judgement{};
        UNSIGNED_LONGS_EQUAL(hits,
                             sgf_judge_frames(loaded.filter.get(), 0, &packet, 1, &judgement));
        sgf_description about{};
        about.size = sizeof about;
        CHECK_EQUAL(SGF_OK, sgf_describe(loaded.filter.get(), &about));
        LONGS_EQUAL(until, about.schedules_until);
    };
    expect(kNoon - 30, 1, kNoon);
    expect(kNoon, 0, kNoon + 3600);
    expect(kNoon + 3600, 1, kNoon + 7 * 86400);
    source.schedules_at = -1;
    CHECK_EQUAL(SGF_BAD_ARGUMENT, load(source).status);
    source.size = offsetof(sgf_source, schedules_at); // a caller that was compiled with 0.1
    CHECK_EQUAL(SGF_OK, load(source).status);
}

TEST(VendorsLoading, DescribesWhatWasLoaded) {
    const auto loaded = load(snapshot, key);
    struct {
        sgf_description known;
        std::uint64_t later;
    } grown{};
    grown.known.size = sizeof grown;
    grown.later = 7;
    CHECK_EQUAL(SGF_OK, sgf_describe(loaded.filter.get(), &grown.known));
    UNSIGNED_LONGS_EQUAL(sizeof(sgf_description), grown.known.size);
    UNSIGNED_LONGS_EQUAL(7, grown.later);
    UNSIGNED_LONGS_EQUAL(snapshot.generation, grown.known.generation);
    MEMCMP_EQUAL(digest_of(snapshot).data(), grown.known.digest, 32);
    LONGS_EQUAL(60, grown.known.expires_at);
    LONGS_EQUAL(0, grown.known.schedules_until);
    UNSIGNED_LONGS_EQUAL(snapshot.rules.systems.size(), grown.known.systems);
    CHECK_TRUE(grown.known.bytes > 1000);
    for (std::uint16_t i = 0; i < grown.known.systems; ++i) {
        STRCMP_EQUAL(snapshot.rules.systems[i].id.c_str(), sgf_system_id(loaded.filter.get(), i));
        STRCMP_EQUAL(snapshot.rules.systems[i].name.c_str(),
                     sgf_system_name(loaded.filter.get(), i));
    }
    CHECK_TRUE(sgf_system_id(loaded.filter.get(), 4) == nullptr);
    CHECK_TRUE(sgf_system_name(loaded.filter.get(), SGF_NO_SYSTEM) == nullptr);
}

TEST(VendorsLoading, IsOfTheVersionOfItsHeader) {
    UNSIGNED_LONGS_EQUAL(SGF_VERSION, sgf_version());
}
