// SPDX-License-Identifier: Apache-2.0
#include "controlplane/controller/request_options.hpp"

#include <CppUTest/TestHarness.h>

using namespace sweepgate;
using namespace sweepgate::controller;

TEST_GROUP(RequestOptions){static Result<RequestOptions> read(const std::string& text){
    return RequestOptions::read({"push", "", text}, {"yes"}, {"file", "message"});
}
static std::string fault(const std::string& text) {
    const auto options = read(text);
    return options ? "" : options.error().what;
}
}
;

TEST(RequestOptions, AreFoundByKey) {
    const auto options = read(R"({"yes":true,"file":"held.toml"})").value();
    CHECK_TRUE(options.flag("yes"));
    STRCMP_EQUAL("held.toml", options.text("file").c_str());
    STRCMP_EQUAL("", options.text("message").c_str());
}

TEST(RequestOptions, AreAllUnsetWithoutText) {
    const auto options = read("").value();
    CHECK_FALSE(options.flag("yes"));
    STRCMP_EQUAL("", options.text("file").c_str());
}

TEST(RequestOptions, OfAnotherVerbAreRefusedByName) {
    STRCMP_EQUAL("push has no option 'confirm'", fault(R"({"confirm":true})").c_str());
    STRCMP_EQUAL("push has no option 'a?b'", fault("{\"a\\nb\":1}").c_str());
}

TEST(RequestOptions, OfAnotherTypeAreRefused) {
    STRCMP_EQUAL("push: option 'yes' is true or false", fault(R"({"yes":"true"})").c_str());
    STRCMP_EQUAL("push: option 'file' is text", fault(R"({"file":["a"]})").c_str());
}

TEST(RequestOptions, ThatAreNoObjectAreRefused) {
    for (const auto* text : {"[]", "1", "{", "null", "{\"a\":", "\xff"})
        STRCMP_EQUAL("push: its options are not a JSON object", fault(text).c_str());
}

TEST(RequestOptions, TextIsBoundedAndPrintable) {
    const std::string most(RequestOptions::kMaxOptionText, 'x');
    CHECK_TRUE(read(R"({"file":")" + most + R"("})").has_value());
    STRCMP_EQUAL("push: option 'file' has 1025 bytes, at most 1024",
                 fault(R"({"file":")" + most + R"(x"})").c_str());
    STRCMP_EQUAL("?]0;x?", read(R"({"file":"\u001b]0;x\u0007"})")->text("file").c_str());
}
