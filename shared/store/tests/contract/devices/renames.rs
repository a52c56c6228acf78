//! What an owner calls a device, whatever order its commits arrive in.

use std::sync::Arc;

use postern_events::account::{AccountEvent, DeviceRenamed};
use postern_events::catalogue::EventSet as _;
use postern_events::ids::DeviceId;
use postern_events::personal::Personal;
use postern_events::vocabulary::DeviceDescription;
use postern_store::streams::Commit;
use postern_store::views::Projected;

use super::ada::Ada;
use crate::vault::description;
use crate::world::{World, later};

impl Ada {
    async fn rename(&self, device: DeviceId, at: i64) -> Commit {
        let description = description(&self.world, &self.data_key);
        let renamed = DeviceRenamed { device, description, by: device };
        self.account(at, vec![AccountEvent::DeviceRenamed(renamed)]).await
    }

    /// What its owner calls the device, and when it was seen, as its only profile says.
    async fn only(&self) -> (Personal<DeviceDescription>, jiff::Timestamp) {
        let mut shown = self.shown().await;
        assert_eq!(shown.len(), 1);
        let profile = shown.remove(0);
        (profile.description, profile.seen_at)
    }
}

fn name(commit: &Commit) -> Personal<DeviceDescription> {
    let AccountEvent::DeviceRenamed(it) = AccountEvent::read(&commit.events[0]).unwrap() else {
        panic!("{commit:?}")
    };
    it.description
}

#[tokio::test]
async fn in_every_order_and_repeated_the_newest_name_is_shown_and_the_newest_sight() {
    let world = Arc::new(World::new().await);
    for order in [[0, 1, 2, 3], [3, 2, 1, 0], [2, 1, 0, 3], [1, 3, 0, 2], [2, 0, 3, 1]] {
        let ada = Ada::in_world(world.clone()).await;
        let device = ada.device();
        let commits = [
            ada.trust(device, 0).await,
            ada.rename(device, 60).await,
            ada.rename(device, 60).await,
            ada.sign_in(device, true, 120).await,
        ];
        for place in order {
            ada.project(&commits[place]).await;
            assert_eq!(ada.project(&commits[place]).await, Projected::Known, "{order:?}");
        }
        assert_eq!(ada.only().await, (name(&commits[2]), later(120)), "{order:?}");
    }
}

#[tokio::test]
async fn a_name_alone_shows_no_device_and_one_of_a_removed_device_is_forgotten() {
    let ada = Ada::new().await;
    let device = ada.device();
    let (trusted, renamed) = (ada.trust(device, 0).await, ada.rename(device, 60).await);
    assert_eq!(ada.project(&renamed).await, Projected::Shown);
    assert!(ada.shown().await.is_empty());
    ada.project(&trusted).await;
    assert_eq!(ada.only().await.0, name(&renamed));

    ada.project(&ada.revoke(device, 90).await).await;
    assert_eq!(ada.project(&ada.rename(device, 91).await).await, Projected::Known);
    assert!(ada.shown().await.is_empty());
}
