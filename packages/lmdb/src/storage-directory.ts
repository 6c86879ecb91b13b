/**
 * The directory of a storage, looked at before LMDB opens it: LMDB ends the process over a file that is not its own.
 */

import {
  accessSync,
  closeSync,
  constants,
  mkdirSync,
  openSync,
  readSync,
  statfsSync,
  statSync,
} from 'node:fs';
import { join } from 'node:path';
import { BrokerError } from '@hawser/hub';
import { brokerErrorOf } from './storage-errors.ts';

/** The file in it that holds everything; the other one holds locks. */
const DATA_FILE = 'data.mdb';
/** Others on the machine must not read what users say to each other. */
const DIRECTORY_MODE = 0o700;
export const FILE_MODE = 0o600;

/** LMDB's magic number, as every platform that it is built for writes it. */
const MAGIC = Buffer.from('dec0efbe', 'hex');
/** It stands behind the head of the first page, whose size depends on the platform. */
const HEAD_BYTES = 32;
/** A transaction needs some pages at least. */
const FULL_BELOW_BYTES = 256 * 1024;

/** Makes the directory if it is missing, and refuses one that LMDB must not open. */
export function prepareDirectory(directory: string): void {
  try {
    mkdirSync(directory, { recursive: true, mode: DIRECTORY_MODE });
    accessSync(directory, constants.R_OK | constants.W_OK | constants.X_OK);
    checkDataFile(join(directory, DATA_FILE));
  } catch (error) {
    throw brokerErrorOf(error);
  }
}

/** Whether the disk under the directory has no room to speak of: LMDB reports that as it does any other failure. */
export function isFull(directory: string): boolean {
  try {
    const { bavail, bsize } = statfsSync(directory);
    return bavail * bsize < FULL_BELOW_BYTES;
  } catch {
    return false;
  }
}

function checkDataFile(path: string): void {
  const file = statSync(path, { throwIfNoEntry: false });
  // LMDB fills in an empty file.
  if (file === undefined || (file.isFile() && file.size === 0)) return;
  if (file.isFile() && readHead(path).includes(MAGIC)) return;
  throw new BrokerError('corrupt', `Expected ${path} to be a file of LMDB, received something else`);
}

function readHead(path: string): Buffer {
  const head = Buffer.alloc(HEAD_BYTES);
  const file = openSync(path, 'r+');
  try {
    readSync(file, head, 0, HEAD_BYTES, 0);
  } finally {
    closeSync(file);
  }
  return head;
}
