// SPDX-License-Identifier: LGPL-2.1-or-later
#include "gst/core/forward/routing.h"

#include <gtest/gtest.h>

#include <vector>

namespace rooms {
namespace {

std::shared_ptr<const LayerTable> measured(std::uint64_t bitrate, std::uint16_t width = 0,
                                           unsigned temporal_layers = 1) {
  auto table = std::make_shared<LayerTable>();
  table->bitrate = bitrate;
  table->width = width;
  table->height = static_cast<std::uint16_t>(width * 9 / 16);
  for (unsigned t = 0; t < temporal_layers; ++t)
    table->rows.push_back(
        {{0, static_cast<std::uint8_t>(t)}, bitrate * (t + 2) / (temporal_layers + 1)});
  return table;
}

std::shared_ptr<const LayerTable> svc() {
  auto table = std::make_shared<LayerTable>();
  for (std::uint8_t s = 0; s < 3; ++s)
    for (std::uint8_t t = 0; t < 3; ++t)
      table->rows.push_back({{s, t}, (s + 1U) * (t + 1U) * 100'000U});
  return table;
}

std::vector<EncodingId> ids_of(const std::vector<EncodingRow>& rows) {
  std::vector<EncodingId> ids;
  for (const auto& row : rows) ids.push_back(row.id);
  return ids;
}

/// q, h and f of a camera.
std::vector<EncodingRow> camera() {
  return {{1, "q", true, measured(150'000, 320)},
          {2, "h", true, measured(500'000, 640)},
          {3, "f", true, measured(1'500'000, 1280)}};
}

TEST(OrderLayers, GoesByPictureSizeWhateverTheDescriptionSaid) {
  auto rows = camera();
  std::reverse(rows.begin(), rows.end());
  order_layers(rows);
  EXPECT_EQ(ids_of(rows), (std::vector<EncodingId>{1, 2, 3}));
}
TEST(OrderLayers, GoesByBitrateWhereTheSizeIsNotKnown) {
  std::vector<EncodingRow> rows = {{1, "0", true, measured(2'000'000)},
                                   {2, "1", true, measured(600'000)},
                                   {3, "2", true, measured(200'000)}};
  order_layers(rows);
  EXPECT_EQ(ids_of(rows), (std::vector<EncodingId>{3, 2, 1}));
}
TEST(OrderLayers, KeepsTheOrderOfWhatCannotBeToldApart) {
  std::vector<EncodingRow> rows = {{1, "a", true, measured(500'000, 640)},
                                   {2, "b", true, measured(400'000, 640)},
                                   {3, "c", false, nullptr}};
  order_layers(rows);
  EXPECT_EQ(ids_of(rows), (std::vector<EncodingId>{1, 2, 3}));
}

struct ChoiceRow {
  const char* title;
  LayerLimits limits;
  unsigned inactive;  // bits
  EncodingId encoding;
  std::uint8_t temporal;
};
class ChooseRoute : public testing::TestWithParam<ChoiceRow> {};

TEST_P(ChooseRoute, OfSimulcast) {
  const auto& row = GetParam();
  auto rows = camera();
  for (std::size_t i = 0; i < rows.size(); ++i) rows[i].active = ((row.inactive >> i) & 1U) == 0;
  const auto choice = choose_route(rows, row.limits, {});
  EXPECT_EQ(choice.encoding, row.encoding) << row.title;
  EXPECT_EQ(choice.layers.temporal, row.temporal) << row.title;
}

INSTANTIATE_TEST_SUITE_P(
    Limits, ChooseRoute,
    testing::Values(ChoiceRow{"no limit", {}, 0, 3, LayerTarget::kAll},
                    ChoiceRow{"lowest", {.max_spatial = 0}, 0, 1, LayerTarget::kAll},
                    ChoiceRow{"middle, one temporal", {1, 0, 0}, 0, 2, 0},
                    ChoiceRow{"beyond what there is", {.max_spatial = 7}, 0, 3, LayerTarget::kAll},
                    ChoiceRow{"f is off", {}, 0b100, 2, LayerTarget::kAll},
                    ChoiceRow{"only f is on", {.max_spatial = 0}, 0b011, 3, LayerTarget::kAll},
                    ChoiceRow{"nothing is on", {}, 0b111, 1, LayerTarget::kAll},
                    ChoiceRow{"fits h", {.target_bitrate = 600'000}, 0, 2, 0},
                    ChoiceRow{"fits exactly", {.target_bitrate = 1'500'000}, 0, 3, 0},
                    ChoiceRow{"fits nothing", {.target_bitrate = 10'000}, 0, 1, 0},
                    ChoiceRow{"fits f, may not", {1, -1, 9'000'000}, 0, 2, 0},
                    ChoiceRow{"fits f, off", {.target_bitrate = 9'000'000}, 0b100, 2, 0}));

TEST(ChooseRouteOfOneStream, LimitsItsSpatialAndTemporalLayers) {
  const std::vector<EncodingRow> rows = {{5, "", true, svc()}};
  EXPECT_EQ(choose_route(rows, {1, 2, 0}, {}), (Route{5, {1, 2}}));
  EXPECT_EQ(choose_route(rows, {}, {}), (Route{5, {}}));
  EXPECT_EQ(choose_route(rows, {-1, -1, 650'000}, {}), (Route{5, {2, 1}}))
      << "gives up a temporal layer for a spatial one";
  EXPECT_EQ(choose_route(rows, {-1, -1, 310'000}, {}), (Route{5, {0, 2}})) << "but not two of them";
  EXPECT_EQ(choose_route(rows, {-1, -1, 120'000}, {}), (Route{5, {0, 0}}));
}
TEST(ChooseRouteOfOneStream, NeedsRoomToSpareToGoUp) {
  const std::vector<EncodingRow> rows = {{5, "", true, svc()}};
  const Route low{5, {0, 2}};
  const Route high{5, {1, 1}};
  EXPECT_EQ(choose_route(rows, {-1, -1, 420'000}, low), low);
  EXPECT_EQ(choose_route(rows, {-1, -1, 420'000}, high), high);
  EXPECT_EQ(choose_route(rows, {-1, -1, 450'000}, low), high);
}
TEST(ChooseRouteOfOneStream, HasNothingOfNothing) {
  EXPECT_EQ(choose_route({}, {}, {}).encoding, 0U);
}
TEST(LayerOf, IsThePlaceInTheOrder) {
  const auto rows = camera();
  EXPECT_EQ(layer_of(rows, 2), 1);
  EXPECT_EQ(layer_of(rows, 9), -1);
}

TEST(NumbersOf, AreWhatALimitComesTo) {
  const auto simulcast = numbers_of(camera(), {2, {7, 7}});
  EXPECT_EQ(simulcast.spatial, 1);
  EXPECT_EQ(simulcast.temporal, 0);
  const std::vector<EncodingRow> one = {{1, "", true, svc()}};
  const auto within = numbers_of(one, {1, {7, 1}});
  EXPECT_EQ(within.spatial, 2) << "of three";
  EXPECT_EQ(within.temporal, 1);
  EXPECT_EQ(numbers_of(one, {9, {}}).spatial, -1);
}

}  // namespace
}  // namespace rooms
