// SPDX-License-Identifier: LGPL-2.1-or-later
#include <gtest/gtest.h>

#include <string>

#include "server/json_fields.h"
#include "server/json_writer.h"

namespace rooms {
namespace {

TEST(JsonWriter, WritesNestedObjectsAndListsWithCommasWhereTheyBelong) {
  JsonWriter out;
  out.object([&] {
    out.field("a", 1).field("b", true).field("c", "x").name("d").null();
    out.name("e").list(std::vector{1, 2}, [&](int n) { out.object([&] { out.field("n", n); }); });
    out.name("f").object([] {});
    out.name("g").raw("[1]");
  });
  EXPECT_EQ(out.take(),
            R"({"a":1,"b":true,"c":"x","d":null,"e":[{"n":1},{"n":2}],"f":{},"g":[1]})");
}

TEST(JsonWriter, EscapesWhatJsonWantsEscapedAndRepairsWhatIsNotUtf8) {
  JsonWriter out;
  out.value(std::string_view("\"\\\n\r\t\x01\x7f\0z", 9));
  EXPECT_EQ(out.take(), R"("\"\\\n\r\t\u0001\u007f)"
                        "\xef\xbf\xbdz\"");
  JsonWriter broken;
  broken.value(
      "a\xff"
      "b");
  EXPECT_EQ(broken.take(),
            "\"a\xef\xbf\xbd"
            "b\"");
}

TEST(JsonWriter, WritesAStringThatEndsInABracketWithoutLosingTheNextComma) {
  JsonWriter out;
  out.list(std::vector<std::string>{"{", "[", ":"},
           [&](const std::string& text) { out.value(text); });
  EXPECT_EQ(out.take(), R"(["{","[",":"])");
}

TEST(JsonFields, RefuseWhatIsNotOneObject) {
  for (const char* text : {"", " ", "x", "1", "[]", "\"a\"", "{", "{\"a\":}", "{\"a\":1}}", "null",
                           "{'a':1}", "{\"a\":1 /* c */}", "{\"a\":1} // c", "{\"a\":\"\xff\"}"}) {
    const auto tree = parse_json_object(text);
    EXPECT_FALSE(tree.ok()) << text;
    if (!tree) {
      EXPECT_EQ(tree.error().code, "bad-json") << text;
    }
  }
}

TEST(JsonFields, RefuseNestingThatWouldExhaustTheStack) {
  const std::string bombs[] = {
      std::string(200'000, '['),
      "{\"a\":" + std::string(200'000, '['),
      "{\"a\\\"\":" + std::string(200'000, '['),
  };
  for (const auto& bomb : bombs) EXPECT_FALSE(parse_json_object(bomb).ok());
  // Brackets inside of strings nest nothing.
  EXPECT_TRUE(parse_json_object("{\"a\":\"" + std::string(1000, '[') + "\"}").ok());
}

TEST(JsonFields, TellTheFirstWrongFieldByItsPath) {
  const auto tree = parse_json_object(R"({"a":1,"list":[{"n":"x"},{"n":2}],"o":{"p":[1]}})");
  ASSERT_TRUE(tree.ok());
  JsonObject* object = json_node_get_object(tree->get());
  {
    JsonFields fields(object);
    fields.text("a");
    fields.text("missing");
    ASSERT_TRUE(fields.error());
    EXPECT_EQ(fields.error()->code, "bad-field");
    EXPECT_EQ(fields.error()->message, "'a' should be a string.");
  }
  {
    JsonFields fields(object);
    fields.objects("list", 5, [](JsonFields& item) { item.text("n"); });
    ASSERT_TRUE(fields.error());
    EXPECT_EQ(fields.error()->message, "'list[1].n' should be a string.");
  }
  {
    JsonFields fields(object);
    fields.object_if_any("o", [](JsonFields& inner) { inner.texts_or_none("p", 3); });
    ASSERT_TRUE(fields.error());
    EXPECT_EQ(fields.error()->message, "'o.p' should be a list of strings.");
  }
}

TEST(JsonFields, CountNullAsAbsentForWhatMayBeAbsent) {
  const auto tree = parse_json_object(R"({"a":null})");
  ASSERT_TRUE(tree.ok());
  JsonFields fields(json_node_get_object(tree->get()));
  EXPECT_EQ(fields.text_or("a", "x"), "x");
  EXPECT_EQ(fields.number_or("a", {0, 9}, 4), 4);
  EXPECT_TRUE(fields.flag_or("a", true));
  EXPECT_FALSE(fields.error());
}

}  // namespace
}  // namespace rooms
