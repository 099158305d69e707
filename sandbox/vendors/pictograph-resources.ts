/*
 * Pictograph's datasets, images, annotations and exports, just far enough that every operation of the permissions matrix (S; which role
 * may do what: P) answers with a real status. S: the path that lists datasets. P: its form and pages, the paths that read datasets,
 * images and annotations. I: the paths that write. Left out: what images and annotations contain, upload bodies, export files.
 */
import type { Mounted } from "./assembly.ts";
import type { Call } from "./call-handling.ts";
import type { Operation } from "./hostility.ts";
import { jsonAnswer } from "./json.ts";
import { currentDetails } from "./key-record.ts";
import { wholeNumber } from "./paging.ts";
import type { PictographAnswers } from "./pictograph-answers.ts";
import { type PictographRole, reaches } from "./pictograph-options.ts";
import { type RandomSource, randomUuid } from "./random-source.ts";

const BASE = "/api/v1/developer";
const DATASETS_DEFAULT = 100;
const DATASETS_MOST = 1_000;
const SAMPLE_CREATED_AT = "2024-01-15T10:30:00Z";

/** What one organization has. */
interface Holdings {
  readonly datasets: readonly { readonly id: string; readonly name: string; readonly created_at: string }[];
  readonly images: Set<string>;
  readonly exports: Set<string>;
}

type Answer = (call: Call, own: Holdings) => Response;

/** Every organization starts with the same two datasets (their ids differ), and nothing else. */
const newHoldings = (random: RandomSource): Holdings => ({
  datasets: ["Street scenes", "Warehouse shelves"].map((name) => ({
    id: randomUuid(random),
    name,
    created_at: SAMPLE_CREATED_AT,
  })),
  images: new Set(),
  exports: new Set(),
});

const idOf = (call: Call): string => call.context.req.param("id") ?? "";

const listDatasets =
  (answers: PictographAnswers): Answer =>
  (call, own) => {
    const limit = wholeNumber(call.context.req.query("limit"), DATASETS_DEFAULT, 1);
    const offset = wholeNumber(call.context.req.query("offset"), 0, 0);
    if (limit === undefined || limit > DATASETS_MOST) return answers.invalid(`limit must be 1 to ${DATASETS_MOST}.`);
    if (offset === undefined) return answers.invalid("offset must be 0 or more.");
    return jsonAnswer(200, own.datasets.slice(offset, offset + limit));
  };

/** Adds to one of the sets and answers with the new id. */
const add =
  (pick: (own: Holdings) => Set<string>, field: string, random: RandomSource): Answer =>
  (_, own) => {
    const id = randomUuid(random);
    pick(own).add(id);
    return jsonAnswer(201, { [field]: id });
  };

/** Takes out of one of the sets; what is not there was never there. */
const take =
  (pick: (own: Holdings) => Set<string>, what: string, answers: PictographAnswers): Answer =>
  (call, own) =>
    pick(own).delete(idOf(call)) ? new Response(null, { status: 204 }) : answers.notFound(`${what} not found`);

const onImage =
  (status: number, body: (id: string) => object, answers: PictographAnswers): Answer =>
  (call, own) =>
    own.images.has(idOf(call)) ? jsonAnswer(status, body(idOf(call))) : answers.notFound("Image not found");

const readDataset =
  (answers: PictographAnswers): Answer =>
  (call, own) => {
    const found = own.datasets.find((dataset) => dataset.id === idOf(call));
    return found ? jsonAnswer(200, found) : answers.notFound("Dataset not found");
  };

type Line = readonly [Mounted["method"], string, Operation, PictographRole, Answer];

/** The permissions matrix: method, path, operation, the least role that may, the answer. */
const matrix = (answers: PictographAnswers, random: RandomSource): readonly Line[] => {
  const images = (own: Holdings) => own.images;
  const exports = (own: Holdings) => own.exports;
  const annotations = (id: string) => ({ image_id: id, annotations: [] });
  return [
    ["GET", "/datasets/", "datasets", "viewer", listDatasets(answers)],
    ["GET", "/datasets/:id", "dataset", "viewer", readDataset(answers)],
    ["GET", "/images/:id", "download", "viewer", onImage(200, (id) => ({ id }), answers)],
    ["GET", "/annotations/:id", "annotations", "viewer", onImage(200, annotations, answers)],
    ["POST", "/images/", "upload", "member", add(images, "image_id", random)],
    ["POST", "/annotations/:id", "annotate", "member", onImage(201, annotations, answers)],
    ["POST", "/exports/", "export", "admin", add(exports, "id", random)],
    ["DELETE", "/images/:id", "deleteImage", "admin", take(images, "Image", answers)],
    ["DELETE", "/exports/:id", "deleteExport", "admin", take(exports, "Export", answers)],
  ];
};

/** The routes of everything that is not about keys. Each organization sees its own alone. */
export const resourceRoutes = (answers: PictographAnswers, random: RandomSource): readonly Mounted[] => {
  const byOrganization = new Map<string, Holdings>();
  const holdingsOf = (organizationId: string): Holdings => {
    const own = byOrganization.get(organizationId) ?? newHoldings(random);
    byOrganization.set(organizationId, own);
    return own;
  };
  return matrix(answers, random).map(([method, path, operation, leastRole, answer]) => ({
    method,
    path: BASE + path,
    route: {
      operation,
      permits: (key) => reaches(currentDetails(key).access, leastRole),
      work: (call) => answer(call, holdingsOf(call.key.organizationId)),
    },
  }));
};
