//! Directories that are made up.

use axum::Json;
use formats::seed::{Generator, VERSION, datasets};

use super::resources::away;
use crate::error::{ApiError, ErrorBody};
use crate::extract::Body;
use crate::model::{DatasetInfo, DatasetList, PreviewGroup, PreviewUser, SeedPreview, SeedRecipe};

/// How many users and groups a preview shows.
const SHOWN_USERS: u32 = 25;
const SHOWN_GROUPS: u32 = 25;

/// Lists the recipes that have a name, and what a recipe has that says nothing.
#[utoipa::path(
    get,
    path = "/api/v1/datasets",
    tag = "directory",
    operation_id = "list_datasets",
    responses((status = 200, description = "All of them.", body = DatasetList))
)]
pub(super) async fn list() -> Json<DatasetList> {
    let items = datasets().iter().map(DatasetInfo::from).collect();
    Json(DatasetList { items, default: SeedRecipe::default(), version: VERSION })
}

/// Shows the first users and groups of a recipe; nothing is changed.
#[utoipa::path(
    post,
    path = "/api/v1/seed/preview",
    tag = "directory",
    operation_id = "preview_seed",
    request_body = SeedRecipe,
    responses(
        (status = 200, description = "The first 25 of each.", body = SeedPreview),
        (status = 400, description = "The recipe asks for what cannot be; the message names the part.", body = ErrorBody),
    )
)]
pub(super) async fn preview(Body(recipe): Body<SeedRecipe>) -> Result<Json<SeedPreview>, ApiError> {
    let generator = Generator::new(recipe.into()).map_err(|why| ApiError::bad_request(why.to_string()))?;
    away(move || {
        let (users, groups) = (generator.recipe().users, generator.recipe().groups);
        Ok(SeedPreview {
            users: (0..users.min(SHOWN_USERS)).map(|at| PreviewUser::from(generator.user(at))).collect(),
            groups: (0..groups.min(SHOWN_GROUPS)).map(|at| PreviewGroup::from(generator.group(at))).collect(),
        })
    })
    .await
}
