// SPDX-License-Identifier: LGPL-2.1-or-later
// Another engine than everybody else's.

export default {
  'Firefox and Chromium see and hear each other': async (room) => {
    const fox = await room.joinFromFirefox('Fox');
    const ada = await room.join('Ada');
    for (const [one, other] of [[ada, fox], [fox, ada]]) {
      await one.seesFrames(other, 'camera', { within: 20_000 });
      await one.hears(other);
      await one.seesPicture(other);
    }

    // A headless Firefox has no screen to capture; what it sends for one is the same.
    await fox.run(() => rooms.client.addTrack(probe.paint('red'), { label: 'screen' }));
    await ada.seesTile(fox, 'screen');
    await ada.seesFrames(fox, 'screen', { frames: 3, within: 20_000 });
    await ada.seesNewFrames(fox, 'camera', 5);
    await fox.run(() => rooms.client.removeTrack('screen'));
    await ada.seesNoTile(fox, 'screen');
  },
};
