import type { MetadataImage, Network } from '@odradek/model';

/** Tells the links where brokers are that have registered, or moved. */
export function tellAddresses(
  network: Pick<Network, 'address'>,
  before: MetadataImage,
  after: MetadataImage,
): void {
  if (before.brokers === after.brokers) return;
  for (const broker of after.brokers.values()) {
    const [endPoint] = broker.endPoints;
    if (endPoint !== undefined && before.brokers.get(broker.id) !== broker)
      network.address(broker.id, endPoint.host, endPoint.port);
  }
}
