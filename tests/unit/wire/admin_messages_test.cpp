// SPDX-License-Identifier: Apache-2.0
#include "controlplane/wire/messages.hpp"

#include <CppUTest/TestHarness.h>

using namespace sweepgate;
using namespace sweepgate::wire;

TEST_GROUP(AdminMessages) {
    AdminRequest request{"push", "irc = 'block'", R"({"file":"held.toml","yes":true})"};

    [[nodiscard]] bool is_taken() const {
        proto::AdminRequest message;
        encode(request, 7, message);
        return decode(message).has_value();
    }
};

TEST(AdminMessages, ComeBackWithTheirOptions) {
    proto::AdminRequest message;
    encode(request, 7, message);
    const auto back = decode(message).value();
    CHECK_EQUAL(7U, message.id());
    STRCMP_EQUAL(request.verb.c_str(), back.verb.c_str());
    STRCMP_EQUAL(request.argument.c_str(), back.argument.c_str());
    STRCMP_EQUAL(request.options.c_str(), back.options.c_str());
}

TEST(AdminMessages, AreTakenWithoutOptions) {
    request.options.clear();
    CHECK_TRUE(is_taken());
}

TEST(AdminMessages, AreTakenUpToTheirBoundsAndNotBeyond) {
    request = {std::string(kMaxVerb, 'a'), std::string(kMaxAdminArgument, 'b'),
               std::string(kMaxAdminOptions, 'c')};
    CHECK_TRUE(is_taken());
    request.options += 'c';
    CHECK_FALSE(is_taken());
    request.options.pop_back();
    request.argument += 'b';
    CHECK_FALSE(is_taken());
    request.argument.pop_back();
    request.verb += 'a';
    CHECK_FALSE(is_taken());
}

TEST(AdminMessages, AreRefusedForAVerbOfOtherLetters) {
    for (const auto* verb : {"", "Push", "push ", "pu\nsh", "p\xc3\xbcsh"}) {
        request.verb = verb;
        CHECK_FALSE(is_taken());
    }
}

TEST(AdminMessages, OptionsPastTheBoundNeverLeaveTheClient) {
    auto client = AdminClient::connect("ipc:///nonexistent/requests").value();
    const auto answer = client.request("push", "", std::chrono::milliseconds{1},
                                       std::string(kMaxAdminOptions + 1, 'c'));
    CHECK_TRUE(answer.error().code == Errc::bad_input);
    STRCMP_EQUAL("push: options of 4097 bytes, at most 4096", answer.error().what.c_str());
}
