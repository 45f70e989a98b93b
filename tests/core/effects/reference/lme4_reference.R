# Makes lme4_reference.json: what Debian's r-cran-lme4 says about the reference data sets.
# Run: Rscript lme4_reference.R FOLDER_WITH_MIRROR_REFERENCE lme4_reference.json
# The 100,000 deals come as Parquet; make the CSV that is read here with: polars re_100k.parquet -> re_100k.csv
suppressMessages({library(lme4); library(jsonlite)})
args <- commandArgs(trailingOnly = TRUE)
folder <- args[1]
read <- function(name, ...) read.csv(file.path(folder, name), stringsAsFactors = TRUE, ...)

# the mode of the effects as sharp as it can be: its default leaves the curvature up to a few percent off
sharp <- function(fit) {
  if (!isGLMM(fit)) return(fit)
  update(fit, control = glmerControl(tolPwrss = 1e-13, optimizer = "bobyqa", optCtrl = list(rhoend = 1e-9)))
}

numbers <- function(fit) {
  modes <- ranef(fit, condVar = TRUE)
  vc <- as.data.frame(VarCorr(fit))
  list(
    log_likelihood = as.numeric(logLik(fit)),
    coefficients = as.list(fixef(fit)),
    standard_errors = as.list(sqrt(diag(as.matrix(vcov(fit, use.hessian = FALSE))))),
    standard_errors_hessian = as.list(sqrt(diag(as.matrix(vcov(sharp(fit)))))),
    spread = vc[, c("grp", "var1", "var2", "sdcor")],
    modes = lapply(modes, function(m) lapply(m, function(col) setNames(as.list(col), rownames(m)))),
    mode_sds = lapply(modes, function(m) {
      pv <- attr(m, "postVar")
      d <- if (length(dim(pv)) == 3) t(apply(pv, 3, function(v) sqrt(diag(as.matrix(v))))) else sqrt(pv)
      if (dim(pv)[1] == 1) d <- t(d)
      setNames(lapply(seq_len(ncol(m)), function(j) setNames(as.list(d[, j]), rownames(m))), names(m))
    })
  )
}

cbpp <- read("cbpp.csv", colClasses = c(herd = "character", period = "character"))
cbpp$period <- factor(cbpp$period)
slept <- read("sleepstudy.csv", colClasses = c(Subject = "character"))
out <- list(
  about = list(R = R.version.string, lme4 = as.character(packageVersion("lme4")),
               made_with = "tests/core/effects/reference/lme4_reference.R"),
  Penicillin_reml = numbers(lmer(diameter ~ 1 + (1 | plate) + (1 | sample), read("Penicillin.csv"))),
  Penicillin_ml = numbers(lmer(diameter ~ 1 + (1 | plate) + (1 | sample), read("Penicillin.csv"), REML = FALSE)),
  Dyestuff_ml = numbers(lmer(Yield ~ 1 + (1 | Batch), read("Dyestuff.csv"), REML = FALSE)),
  sleepstudy_ml = numbers(lmer(Reaction ~ Days + (Days | Subject), slept, REML = FALSE)),
  sleepstudy_reml = numbers(lmer(Reaction ~ Days + (Days | Subject), slept)),
  cbpp_ml = numbers(glmer(cbind(incidence, size - incidence) ~ period + (1 | herd), cbpp, family = binomial))
)
big <- read("re_100k.csv")
for (name in c("rep", "seg", "src")) big[[name]] <- factor(big[[name]])
out$re_100k_gaussian_ml <- numbers(lmer(m ~ size + new + (1 | rep) + (1 | seg) + (1 | src), big, REML = FALSE))
out$re_100k_logistic <- numbers(glmer(y ~ size + new + (1 | rep) + (1 | seg) + (1 | src), big, family = binomial))
write_json(out, args[2], auto_unbox = TRUE, digits = 8, pretty = FALSE)
