-- The tables of the service that this one replaces. The unique key on name and tenant is left out of the job table, as
-- it is in deployments where making it anew has failed at a start.
CREATE TABLE t_cron_job (
  f_key_id bigint NOT NULL AUTO_INCREMENT,
  f_job_id varchar(36) DEFAULT NULL,
  f_job_name varchar(64) DEFAULT NULL,
  f_job_cron_time varchar(32) DEFAULT NULL,
  f_job_type tinyint DEFAULT NULL,
  f_job_context varchar(10240) DEFAULT NULL,
  f_tenant_id varchar(36) DEFAULT NULL,
  f_enabled tinyint DEFAULT 1,
  f_remarks varchar(256) DEFAULT NULL,
  f_create_time bigint DEFAULT NULL,
  f_update_time bigint DEFAULT NULL,
  PRIMARY KEY (f_key_id),
  UNIQUE KEY uk_job_id (f_job_id),
  KEY idx_tenant (f_tenant_id),
  KEY idx_times (f_create_time, f_update_time)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_bin;

CREATE TABLE t_cron_job_status (
  f_key_id bigint NOT NULL AUTO_INCREMENT,
  f_execute_id varchar(36) DEFAULT NULL,
  f_job_id varchar(36) DEFAULT NULL,
  f_job_type tinyint DEFAULT NULL,
  f_job_name varchar(64) DEFAULT NULL,
  f_job_status tinyint DEFAULT NULL,
  f_begin_time bigint DEFAULT NULL,
  f_end_time bigint DEFAULT NULL,
  f_executor varchar(1024) DEFAULT NULL,
  f_execute_times int DEFAULT NULL,
  f_ext_info varchar(1024) DEFAULT NULL,
  PRIMARY KEY (f_key_id),
  UNIQUE KEY uk_execute_id (f_execute_id),
  KEY idx_job (f_job_id),
  KEY idx_status (f_job_status),
  KEY idx_run_times (f_begin_time, f_end_time)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_bin;
