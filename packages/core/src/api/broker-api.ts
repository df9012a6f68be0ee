// The broker API: every request of a client, whatever door it came through, goes to the function that answers it.

import {
  type ClientAnswer,
  type ClientApi,
  type ClientContext,
  type ClientHandler,
  type ClientRequest,
  type Configuration,
  isAdminApi,
  type MetadataImage,
} from '@odradek/model';
import type { RequestCounts } from '../measures/request-counts.ts';
import { type AdminNeeds, administer } from './admin.ts';
import { clusterMetadata, type MetadataNeeds } from './cluster-metadata.ts';
import { clusterStatus, type StatusNeeds } from './cluster-status.ts';
import { consumerFetch, type FetchNeeds } from './consumer-fetch.ts';
import { describeConfigs } from './describe-configs.ts';
import { type DescribeNeeds, describeTopic } from './describe-topic.ts';
import { type ExplainNeeds, explainPartition } from './explain-partition.ts';
import { listOffsets } from './list-offsets.ts';
import { ProduceDesk, type ProduceNeeds } from './produce.ts';
import type { ProducerIds } from './producer-ids.ts';

/** What the API needs of its node. */
export interface BrokerApiNeeds
  extends ProduceNeeds,
    FetchNeeds,
    MetadataNeeds,
    Omit<StatusNeeds, 'timeoutMs'>,
    DescribeNeeds,
    ExplainNeeds,
    AdminNeeds {
  readonly configuration: Configuration;
  readonly producerIds: ProducerIds;
  readonly counts: RequestCounts<ClientApi>;
  image(): MetadataImage;
  /** Whether this node knows the cluster: it has replayed metadata in this life, and learns what is new (D6). */
  isInformed(): boolean;
}

/** Answers clients. */
export class BrokerApi implements ClientHandler {
  private readonly needs: BrokerApiNeeds;
  private readonly produceDesk: ProduceDesk;
  /** How many answers are being given at this moment. */
  private answering = 0;

  constructor(needs: BrokerApiNeeds) {
    this.needs = needs;
    this.produceDesk = new ProduceDesk(needs);
  }

  handle(client: ClientContext, request: ClientRequest, answer: (response: ClientAnswer) => void): void {
    // An answer may be given inside a leader's transition: what a door hands in meanwhile is another turn's.
    if (this.answering > 0) {
      this.needs.soon(() => this.handle(client, request, answer));
      return;
    }
    const answered = this.needs.counts.begin(request.api);
    this.dispatch(client, request, (response) => {
      answered(response.body);
      this.give(answer, response);
    });
  }

  private give(answer: (response: ClientAnswer) => void, response: ClientAnswer): void {
    this.answering += 1;
    try {
      answer(response);
    } finally {
      this.answering -= 1;
    }
  }

  private dispatch(
    client: ClientContext,
    request: ClientRequest,
    answer: (response: ClientAnswer) => void,
  ): void {
    const { needs } = this;
    if (isAdmin(request)) {
      administer(needs, request, answer);
      return;
    }
    switch (request.api) {
      case 'metadata':
        answer({ api: 'metadata', body: this.metadata(client, request.body) });
        break;
      case 'produce':
        this.produceDesk.take(request.body, (body) => answer({ api: 'produce', body }));
        break;
      case 'fetch':
        consumerFetch(needs, request.body, (body) => answer({ api: 'fetch', body }));
        break;
      case 'listOffsets':
        listOffsets(needs.leaders, request.body, (body) => answer({ api: 'listOffsets', body }));
        break;
      case 'initProducerId':
        needs.producerIds.give((body) => answer({ api: 'initProducerId', body }));
        break;
      case 'describeTopic':
        describeTopic(needs, request.body.name, (body) =>
          answer({ api: 'describeTopic', body: this.informed(body) }),
        );
        break;
      case 'clusterStatus':
        clusterStatus(needs, (body) => answer({ api: 'clusterStatus', body }));
        break;
      case 'explainPartition':
        explainPartition(needs, request.body, (body) =>
          answer({ api: 'explainPartition', body: this.informed(body) }),
        );
        break;
      case 'describeConfigs':
        answer({
          api: 'describeConfigs',
          body: this.informed(describeConfigs(needs.image(), needs.configuration, request.body)),
        });
        break;
    }
  }

  private metadata(client: ClientContext, body: ClientRequest<'metadata'>['body']) {
    return this.informed(clusterMetadata(this.needs, client, body));
  }

  /** A node that has not heard from a quorum yet knows no topic: that is no answer to whether there is one. */
  private informed<Body extends { readonly error: string; readonly errorMessage: string | null }>(
    body: Body,
  ): Body {
    if (this.needs.isInformed()) return body;
    return { ...body, error: 'NOT_CONTROLLER', errorMessage: this.needs.missingQuorum() };
  }
}

function isAdmin(request: ClientRequest): request is Parameters<typeof administer>[1] {
  return isAdminApi(request.api);
}
