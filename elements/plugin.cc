// SPDX-License-Identifier: LGPL-2.1-or-later
#include <gst/gst.h>

#include "elements/activespeaker.h"
#include "elements/mixminus.h"
#include "elements/opusvoicedec.h"
#include "elements/opusvoiceenc.h"
#include "elements/roomsink.h"
#include "elements/roomsrc.h"
#include "elements/rtpinorder.h"
#include "elements/sfureceive.h"
#include "elements/sfurouter.h"
#include "elements/sfusend.h"
#include "elements/simulcastselect.h"
#include "elements/twccbwe.h"
#include "elements/videogrid.h"

#define PACKAGE "gst-rooms"

static gboolean register_elements(GstPlugin* plugin) {
  return GST_ELEMENT_REGISTER(sfurouter, plugin) && GST_ELEMENT_REGISTER(sfureceive, plugin) &&
         GST_ELEMENT_REGISTER(sfusend, plugin) && GST_ELEMENT_REGISTER(simulcastselect, plugin) &&
         GST_ELEMENT_REGISTER(activespeaker, plugin) && GST_ELEMENT_REGISTER(mixminus, plugin) &&
         GST_ELEMENT_REGISTER(twccbwe, plugin) && GST_ELEMENT_REGISTER(videogrid, plugin) &&
         GST_ELEMENT_REGISTER(roomsink, plugin) && GST_ELEMENT_REGISTER(roomsrc, plugin) &&
         GST_ELEMENT_REGISTER(rtpinorder, plugin) && GST_ELEMENT_REGISTER(opusvoicedec, plugin) &&
         GST_ELEMENT_REGISTER(opusvoiceenc, plugin);
}

GST_PLUGIN_DEFINE(GST_VERSION_MAJOR, GST_VERSION_MINOR, rooms,
                  "Conference rooms: elements that forward, select and mix RTP", register_elements,
                  GST_ROOMS_VERSION, "LGPL", "gst-rooms", "gst-rooms")
