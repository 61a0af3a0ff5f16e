// SPDX-License-Identifier: Apache-2.0
#include "controlplane/wire/messages.hpp"

#include <functional>

#include <CppUTest/TestHarness.h>

using namespace sweepgate;
using namespace sweepgate::wire;

namespace {

Prefix prefix(std::string_view text) { return parse_prefix(text).value(); }

TopAnswer some_answer() {
    TopAnswer answer{"box/dpdk", GateKind::dpdk, 1000, 7, {}, ""};
    answer.talkers = {{prefix("192.0.2.1/32"), "irc", 6, 0, 900, 3},
                      {prefix("2001:db8::/48"), "?", 17, 65535, 90, 90},
                      {{}, "", 1, {}, 0, 0}};
    return answer;
}

HitEvents some_events() {
    HitEvents events{"box/dpdk", GateKind::dpdk, 5, {}};
    events.events = {{1'700'000'000'123, prefix("192.0.2.0/24"), "irc", 6, 443, PortClass::evasion},
                     {0, {}, "aim", 1, {}, PortClass::none}};
    return events;
}

} // namespace

TEST_GROUP(HitMessages){
    /// Whether a message is still taken after something was done to it.
    template <typename Value, typename Message>
    bool takes(const Value& value, const std::function<void(Message&)>& harm){Message message;
if constexpr (std::is_same_v<Value, HitEvents>)
    encode(value, message);
else
    encode(value, 1, message);
harm(message);
return decode(message).has_value();
}
bool takes_top(const std::function<void(proto::TopAnswer&)>& harm) {
    return takes(some_answer(), harm);
}
bool takes_events(const std::function<void(proto::HitEvents&)>& harm) {
    return takes(some_events(), harm);
}
bool takes_query(const std::function<void(proto::TopQuery&)>& harm) {
    return takes(TopQuery{}, harm);
}
}
;

TEST(HitMessages, ComeBackAsTheyWere) {
    const TopQuery query{TalkersBy::port, 1000, 5};
    proto::TopQuery asked;
    encode(query, 77, asked);
    CHECK_EQUAL(77U, asked.id());
    CHECK_TRUE(decode(asked) == query);

    proto::TopAnswer said;
    encode(some_answer(), 77, said);
    const auto answer = decode(said);
    CHECK_TRUE(answer.has_value());
    CHECK_TRUE(answer->talkers == some_answer().talkers);
    CHECK_EQUAL(7U, answer->floor);
    CHECK_EQUAL(1000U, answer->packets);

    proto::HitEvents told;
    encode(some_events(), told);
    const auto events = decode(told);
    CHECK_TRUE(events.has_value());
    CHECK_TRUE(events->events == some_events().events);
    CHECK_EQUAL(5U, events->suppressed);
}

TEST(HitMessages, RefuseQuestionsOutOfBounds) {
    CHECK_TRUE(takes_query([](auto&) {}));
    CHECK_FALSE(takes_query([](auto& query) { query.set_by(0); }));
    CHECK_FALSE(takes_query([](auto& query) { query.set_by(5); }));
    CHECK_FALSE(takes_query([](auto& query) { query.set_by(257); }));
    CHECK_FALSE(takes_query([](auto& query) { query.set_most(0); }));
    CHECK_FALSE(takes_query([](auto& query) { query.set_most(1001); }));
    CHECK_FALSE(takes_query([](auto& query) { query.set_minutes(6); }));
}

TEST(HitMessages, RefuseTalkersThatCannotBe) {
    CHECK_TRUE(takes_top([](auto&) {}));
    CHECK_FALSE(takes_top([](auto& top) { top.set_gate(""); }));
    CHECK_FALSE(takes_top([](auto& top) { top.set_kind(9); }));
    CHECK_FALSE(takes_top([](auto& top) { top.set_error(std::string(5000, 'x')); }));
    const auto row = [this](const std::function<void(proto::Talker&)>& harm) {
        return takes_top([&](auto& top) { harm(*top.mutable_talkers(0)); });
    };
    CHECK_FALSE(row([](auto& talker) { talker.set_client("123"); }));
    CHECK_FALSE(row([](auto& talker) { talker.set_client_bits(33); }));
    CHECK_FALSE(row([](auto& talker) { talker.set_client_bits(24); })); // host bits
    CHECK_FALSE(row([](auto& talker) { talker.clear_client(); }));
    CHECK_FALSE(row([](auto& talker) { talker.set_system("No System"); }));
    CHECK_FALSE(row([](auto& talker) { talker.set_protocol(256); }));
    CHECK_FALSE(row([](auto& talker) { talker.set_port(65537); }));
    CHECK_FALSE(row([](auto& talker) { talker.set_error(901); }));
    CHECK_FALSE(takes_top([](auto& top) {
        while (top.talkers_size() <= 1000) *top.add_talkers() = top.talkers(0);
    }));
}

TEST(HitMessages, RefuseEventsThatCannotBe) {
    CHECK_TRUE(takes_events([](auto&) {}));
    const auto row = [this](const std::function<void(proto::HitEvent&)>& harm) {
        return takes_events([&](auto& events) { harm(*events.mutable_events(0)); });
    };
    CHECK_FALSE(row([](auto& event) { event.set_system(""); }));
    CHECK_FALSE(row([](auto& event) { event.set_port_class(0); }));
    CHECK_FALSE(row([](auto& event) { event.set_port_class(5); }));
    CHECK_FALSE(row([](auto& event) { event.set_time_ms(~0ULL); }));
    CHECK_FALSE(row([](auto& event) { event.set_client("1"); }));
    CHECK_FALSE(takes_events([](auto& events) {
        while (events.events_size() <= 256) *events.add_events() = events.events(0);
    }));
}

TEST(HitMessages, ReportsHoldFourPortClassesOrNone) {
    GateReport report;
    report.gate = "box/dpdk";
    report.systems = {{"irc", 1, 2, 3, 0, 0, {4, 5, 6, 7}}};
    proto::GateReport message;
    encode(report, message);
    CHECK_TRUE(decode(message)->systems[0].port_classes == report.systems[0].port_classes);
    auto* system = message.mutable_systems(0);
    system->add_port_classes(8);
    CHECK_FALSE(decode(message).has_value());
    system->clear_port_classes(); // a gate of before
    CHECK_TRUE((decode(message)->systems[0].port_classes == std::array<std::uint64_t, 4>{}));
}
