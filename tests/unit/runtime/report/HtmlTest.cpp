//===- tests/unit/runtime/report/HtmlTest.cpp - Escaping and numbers ------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "runtime/report/Html.h"
#include <gtest/gtest.h>

using namespace hillock::runtime::html;

namespace {

TEST(Html, EscapesMarkup) {
  EXPECT_EQ(escape("<script>alert('x')</script>"),
            "&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt;");
  EXPECT_EQ(escape("a & \"b\""), "a &amp; &quot;b&quot;");
  EXPECT_EQ(escape("&amp;"), "&amp;amp;");
}

TEST(Html, KeepsUtf8AndReplacesWhatIsNone) {
  const std::string replacement = "\xEF\xBF\xBD";
  EXPECT_EQ(escape("\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80"),
            "\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80");
  EXPECT_EQ(escape("a\xFFz"), "a" + replacement + "z");
  EXPECT_EQ(escape("\xC0\xAF"), replacement + replacement); // overlong '/'
  EXPECT_EQ(escape("\xE2\x82"), replacement + replacement); // cut off
  EXPECT_EQ(escape("\xED\xA0\x80"),
            replacement + replacement + replacement); // a surrogate
  EXPECT_EQ(escape(std::string_view("a\0b", 3)), "a" + replacement + "b");
  EXPECT_EQ(escape("a\nb\tc"), "a\nb\tc");
}

TEST(Html, AttributesCannotBreakOut) {
  EXPECT_EQ(element("g", {{"class", "a\" onclick=\"b"}}, "x"),
            "<g class=\"a&quot; onclick=&quot;b\">x</g>");
}

TEST(Html, Numbers) {
  EXPECT_EQ(number(3.5), "3.5");
  EXPECT_EQ(number(12), "12");
  EXPECT_EQ(number(-0.001), "0");
  EXPECT_EQ(number(0.126, 2), "0.13");
  EXPECT_EQ(number(100, 0), "100");
  EXPECT_EQ(number(0.0 / 0.0), "n/a");
  EXPECT_EQ(percent(0.5), "50.00 %");
}

TEST(Html, ShortensFromTheMiddle) {
  EXPECT_EQ(shorten("short", 10), "short");
  EXPECT_EQ(shorten("abcdefghijklmnop", 10), "abcd..mnop");
  EXPECT_EQ(shorten("abcdefghijklmnop", 10).size(), 10u);
}

TEST(Html, TicksAreRound) {
  EXPECT_EQ(ticks(0, 31, 10), (std::vector<double>{0, 5, 10, 15, 20, 25, 30}));
  EXPECT_EQ(ticks(-1, 1, 4), (std::vector<double>{-1, -0.5, 0, 0.5, 1}));
  EXPECT_TRUE(ticks(1, 1, 5).empty());
  EXPECT_TRUE(ticks(0, 1.0 / 0.0, 5).empty());
  EXPECT_LE(ticks(0, 1e9, 10).size(), 11u);
}

} // namespace
