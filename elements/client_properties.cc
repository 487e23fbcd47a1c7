// SPDX-License-Identifier: LGPL-2.1-or-later
#include "elements/client_properties.h"

#include <string>

namespace rooms {
namespace {

enum Property {
  kUri = 1,
  kToken,
  kUserAgent,
  kTimeout,
  kReconnect,
  kWaitForServer,
  kTlsStrict,
  kStunServer,
  kTurnServer,
  kConnectionState,
};

const GEnumValue kStates[] = {
    {static_cast<int>(ConnectionState::kDisconnected), "Not started, or ended", "disconnected"},
    {static_cast<int>(ConnectionState::kConnecting),
     "Asking the server, or waiting for ICE and DTLS", "connecting"},
    {static_cast<int>(ConnectionState::kConnected), "Media may flow", "connected"},
    {static_cast<int>(ConnectionState::kWaiting), "Lost, tried again soon", "waiting"},
    {static_cast<int>(ConnectionState::kFailed), "Given up", "failed"},
    {0, nullptr, nullptr}};

GType state_type() {
  static const GType type = [] {
    const auto made = g_enum_register_static("SfuRoomConnectionState", kStates);
    gst_type_mark_as_plugin_api(made, static_cast<GstPluginAPIFlags>(0));
    return made;
  }();
  return type;
}

std::string text_in(const GValue* value) {
  const char* text = g_value_get_string(value);
  return text ? text : "";
}

}  // namespace

ClientProperties::ClientProperties() {
  settings.with([](auto& known) { known.http.user_agent = "gst-rooms/" GST_ROOMS_VERSION; });
}

bool ClientProperties::set(guint id, const GValue* value) {
  return settings.with([&](RoomClient::Settings& known) {
    switch (id) {
      case kUri:
        known.uri = text_in(value);
        return true;
      case kToken:
        known.http.token = text_in(value);
        return true;
      case kUserAgent:
        known.http.user_agent = text_in(value);
        return true;
      case kTimeout:
        known.timeout = Duration(static_cast<std::int64_t>(g_value_get_uint64(value)));
        return true;
      case kReconnect:
        known.reconnect = g_value_get_boolean(value);
        return true;
      case kWaitForServer:
        known.wait_for_server = g_value_get_boolean(value);
        return true;
      case kTlsStrict:
        known.http.strict_tls = g_value_get_boolean(value);
        return true;
      case kStunServer:
        known.stun_server = text_in(value);
        return true;
      case kTurnServer:
        known.turn_server = text_in(value);
        return true;
      default:
        return false;
    }
  });
}

bool ClientProperties::get(guint id, GValue* value) {
  if (id == kConnectionState) {
    g_value_set_enum(value, static_cast<int>(state.load()));
    return true;
  }
  return settings.with([&](const RoomClient::Settings& known) {
    switch (id) {
      case kUri:
        g_value_set_string(value, known.uri.c_str());
        return true;
      case kToken:
        g_value_set_string(value, known.http.token.c_str());
        return true;
      case kUserAgent:
        g_value_set_string(value, known.http.user_agent.c_str());
        return true;
      case kTimeout:
        g_value_set_uint64(value, static_cast<guint64>(known.timeout.count()));
        return true;
      case kReconnect:
        g_value_set_boolean(value, known.reconnect);
        return true;
      case kWaitForServer:
        g_value_set_boolean(value, known.wait_for_server);
        return true;
      case kTlsStrict:
        g_value_set_boolean(value, known.http.strict_tls);
        return true;
      case kStunServer:
        g_value_set_string(value, known.stun_server.c_str());
        return true;
      case kTurnServer:
        g_value_set_string(value, known.turn_server.c_str());
        return true;
      default:
        return false;
    }
  });
}

RoomClient::Settings ClientProperties::snapshot(GstElement* element) {
  auto copy = settings.with([](const auto& known) { return known; });
  const auto name = own(gst_object_get_name(GST_OBJECT(element)));
  copy.name = name.get();
  return copy;
}

void ClientProperties::tell(GstElement* element, const ConnectionNews& news) {
  state = news.state;
  g_object_notify(G_OBJECT(element), "connection-state");
  const auto* row = &kStates[static_cast<int>(news.state)];
  gst_element_post_message(
      element, gst_message_new_element(
                   GST_OBJECT(element),
                   gst_structure_new("room-connection", "state", G_TYPE_STRING, row->value_nick,
                                     "reason", G_TYPE_STRING, news.reason.c_str(), "attempt",
                                     G_TYPE_UINT, news.attempt, "retry-in", G_TYPE_UINT64,
                                     static_cast<guint64>(news.wait.count()), nullptr)));
}

void install_client_properties(GObjectClass* object_class, const char* uri_example) {
  constexpr auto kSetting = static_cast<GParamFlags>(G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS |
                                                     GST_PARAM_MUTABLE_READY);
  const RoomClient::Settings defaults;
  const auto text = [&](guint id, const char* name, const char* nick, const char* blurb,
                        const char* standard) {
    g_object_class_install_property(object_class, id,
                                    g_param_spec_string(name, nick, blurb, standard, kSetting));
  };
  const auto claim = [&](guint id, const char* name, const char* nick, const char* blurb,
                         bool standard) {
    g_object_class_install_property(
        object_class, id, g_param_spec_boolean(name, nick, blurb, gboolean{standard}, kSetting));
  };
  const std::string uri = std::string("Endpoint, http or https: ") + uri_example;
  g_object_class_install_property(
      object_class, kUri,
      g_param_spec_string("uri", "URI", g_intern_string(uri.c_str()), nullptr, kSetting));
  text(kToken, "token", "Token", "Sent as 'Authorization: Bearer ..' with every request", nullptr);
  text(kUserAgent, "user-agent", "User agent", "Sent with every HTTP request",
       "gst-rooms/" GST_ROOMS_VERSION);
  g_object_class_install_property(
      object_class, kTimeout,
      g_param_spec_uint64("timeout", "Timeout",
                          "Nanoseconds that one attempt may take, from the first request to media",
                          GST_MSECOND, 600 * GST_SECOND,
                          static_cast<guint64>(defaults.timeout.count()), kSetting));
  claim(kReconnect, "reconnect", "Reconnect",
        "What worked and was lost is tried again, after 0.5 s, then twice as long each time, up to "
        "15 s; a refusal (401, 403, a codec) ends it",
        true);
  claim(kWaitForServer, "wait-for-server", "Wait for the server",
        "The same when it has not worked yet; otherwise a first attempt that fails is an error",
        false);
  claim(kTlsStrict, "tls-strict", "TLS is checked",
        "Whether the server's TLS certificate has to be valid", true);
  text(kStunServer, "stun-server", "STUN server",
       "stun://host:port, beside those that the server names in Link headers", nullptr);
  text(kTurnServer, "turn-server", "TURN server",
       "turn(s)://user:password@host:port?transport=udp|tcp, beside those that the server names",
       nullptr);
  g_object_class_install_property(
      object_class, kConnectionState,
      g_param_spec_enum("connection-state", "Connection state",
                        "Notified from a thread of the element's own; message 'room-connection' "
                        "says more",
                        state_type(), static_cast<int>(ConnectionState::kDisconnected),
                        static_cast<GParamFlags>(G_PARAM_READABLE | G_PARAM_STATIC_STRINGS)));
}

bool check_uri(GstElement* element, const RoomClient::Settings& settings) {
  if (is_http_uri(settings.uri)) return true;
  GST_ELEMENT_ERROR(element, RESOURCE, NOT_FOUND,
                    ("Property 'uri' has to be the http or https address of an endpoint, it is "
                     "'%s'.",
                     settings.uri.c_str()),
                    (nullptr));
  return false;
}

void post_client_error(GstElement* element, const Error& error) {
  const auto& code = error.code;
  GQuark domain = GST_RESOURCE_ERROR;
  gint kind = GST_RESOURCE_ERROR_FAILED;
  if (code == "unauthorized" || code == "forbidden" || code == "tls" || code == "certificate") {
    kind = GST_RESOURCE_ERROR_NOT_AUTHORIZED;
  } else if (code == "not-found" || code == "gone") {
    kind = GST_RESOURCE_ERROR_NOT_FOUND;
  } else if (code == "no-answer" || code == "timeout" || code == "ice-failed") {
    kind = GST_RESOURCE_ERROR_OPEN_READ_WRITE;
  } else if (code == "plugin-missing") {
    domain = GST_CORE_ERROR;
    kind = GST_CORE_ERROR_MISSING_PLUGIN;
  } else if (code == "codec-refused" || code == "caps") {
    domain = GST_STREAM_ERROR;
    kind = GST_STREAM_ERROR_CODEC_NOT_FOUND;
  }
  gst_element_message_full(element, GST_MESSAGE_ERROR, domain, kind,
                           g_strdup(error.message.c_str()), g_strdup(code.c_str()), __FILE__,
                           GST_FUNCTION, __LINE__);
}

}  // namespace rooms
