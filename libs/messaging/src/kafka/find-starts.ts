import { type Admin } from 'kafkajs';

/** Ends of those partitions on which the group has committed nothing yet. */
export async function findStarts(
  admin: Admin,
  { topic, group, partitions }: { topic: string; group: string; partitions: readonly number[] },
): Promise<{ topic: string; partition: number; offset: string }[]> {
  const committed = await admin.fetchOffsets({ groupId: group, topics: [topic] });
  const unset = (committed[0]?.partitions ?? [])
    .filter(({ partition, offset }) => partitions.includes(partition) && Number(offset) < 0)
    .map(({ partition }) => partition);
  if (unset.length === 0) return [];
  const ends = await admin.fetchTopicOffsets(topic);
  return ends
    .filter(({ partition }) => unset.includes(partition))
    .map(({ partition, high }) => ({ topic, partition, offset: high }));
}
