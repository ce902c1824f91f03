import {
  brokerConformance,
  type BrokerUnderTest,
  describeWith,
  LocalNsqd,
  transportConformance,
} from '@ecron/testing';
import { Logger } from '@nestjs/common';
import { ClientPublisher } from '../message-publisher.js';
import { NsqTransport } from './nsq-transport.js';

describeWith('nsq', 'NsqTransport', ({ bin }) => {
  beforeAll(() => void Logger.overrideLogger(false));

  async function make(): Promise<BrokerUnderTest> {
    const nsqd = await LocalNsqd.make(bin);
    await nsqd.start();
    const transport = new NsqTransport({ nsqd: nsqd.tcp, lookupdHttp: [] });
    const publisher = new ClientPublisher(transport.client());
    const settled = async () => {
      while (transport.fault() !== null) await new Promise((resolve) => setTimeout(resolve, 10));
    };
    await settled();
    return {
      publisher,
      makeServer: (group) => transport.server(group),
      settled,
      publishTexts: (topic, texts) => nsqd.publish(topic, texts),
      fault: () => transport.fault(),
      stopBroker: () => nsqd.stop(),
      startBroker: () => nsqd.start(),
      close: async () => {
        await transport.close();
        await nsqd.remove();
      },
    };
  }

  transportConformance('NSQ', make);
  brokerConformance('NSQ', make);
});
